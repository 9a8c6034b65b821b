use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, header};
use axum::routing::post;
use leadline::store::people::NewPerson;
use leadline_app::PERSON_ID;
use tower::ServiceExt;
use tower_sessions::Session;

use super::*;

const NEW: NewPerson<'static> = NewPerson {
    email: "ada@example.com",
    name: "Ada Lovelace",
    password: "a few words in a row",
    administrator: true,
    salesperson: true,
};

/// A sealer whose key consists of this byte.
fn sealer(byte: u8) -> Arc<Sealer> {
    let key = base64::engine::general_purpose::STANDARD.encode([byte; 32]);
    Arc::new(Sealer::from_base64(&key.into()).unwrap())
}

/// A site where one can only sign in, be recognized and sign out.
struct Site {
    store: Store,
    routes: Router,
    _folder: tempfile::TempDir,
}

impl Site {
    async fn new(public_url: &str) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leadline.db");
        let store = Store::open(&format!("sqlite://{}", path.display())).await;
        let store = store.unwrap();
        store.migrate().await.unwrap();
        let person = store.create_person(NEW, 0).await.unwrap().id;
        let sign_in = async move |session: Session| {
            session.cycle_id().await.unwrap();
            session.insert(PERSON_ID, person).await.unwrap();
        };
        let who = async |session: Session| {
            let who = session.get::<i64>(PERSON_ID).await.unwrap();
            who.map_or("nobody", |_| "somebody")
        };
        let sign_out = async |session: Session| session.flush().await.unwrap();
        let routes = Router::new()
            .route("/sign-in", post(sign_in))
            .route("/who", post(who))
            .route("/sign-out", post(sign_out))
            .layer(layer(
                store.clone(),
                sealer(1),
                &Url::parse(public_url).unwrap(),
            ));
        Site {
            store,
            routes,
            _folder: folder,
        }
    }

    async fn ask(&self, path: &str, cookie: &str) -> Response<Body> {
        let request = Request::post(path).header(header::COOKIE, cookie);
        let request = request.body(Body::empty()).unwrap();
        self.routes.clone().oneshot(request).await.unwrap()
    }

    /// Signs in and returns the cookie.
    async fn sign_in(&self, cookie: &str) -> String {
        let set = set_cookie(&self.ask("/sign-in", cookie).await).unwrap();
        set.split(';').next().unwrap().to_owned()
    }

    async fn who(&self, cookie: &str) -> String {
        let body = self.ask("/who", cookie).await.into_body();
        let bytes = axum::body::to_bytes(body, 100).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

fn set_cookie(response: &Response<Body>) -> Option<String> {
    let cookie = response.headers().get(header::SET_COOKIE)?;
    Some(cookie.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn over_https_the_cookie_is_for_this_host_only() {
    let site = Site::new("https://leads.example.com").await;
    let set = set_cookie(&site.ask("/sign-in", "").await).unwrap();
    assert!(set.starts_with("__Host-leadline="), "{set}");
    let attributes: Vec<&str> = set.split("; ").skip(1).collect();
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(attributes.contains(&attribute), "{attribute}: {set}");
    }
    assert_eq!(attributes.len(), 4, "no domain, no age: {set}");
}

#[tokio::test]
async fn over_plain_http_on_this_machine_the_cookie_works_too() {
    let site = Site::new("http://localhost:3000").await;
    let set = set_cookie(&site.ask("/sign-in", "").await).unwrap();
    assert!(
        set.starts_with("leadline=") && !set.contains("Secure"),
        "{set}"
    );
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax"),
        "{set}"
    );
}

#[tokio::test]
async fn whoever_only_looks_gets_no_cookie() {
    let site = Site::new("http://localhost:3000").await;
    assert_eq!(set_cookie(&site.ask("/who", "").await), None);
    assert_eq!(site.who("leadline=AAAAAAAAAAAAAAAAAAAAAA").await, "nobody");
    assert_eq!(site.who("leadline=no id").await, "nobody");
}

#[tokio::test]
async fn the_id_is_new_at_sign_in_and_dead_after_signing_out() {
    let site = Site::new("http://localhost:3000").await;
    let planted = site.sign_in("").await;
    let own = site.sign_in(&planted).await;
    assert_ne!(planted, own);
    assert_eq!(site.who(&planted).await, "nobody");
    assert_eq!(site.who(&own).await, "somebody");
    site.ask("/sign-out", &own).await;
    assert_eq!(site.who(&own).await, "nobody");
}

#[tokio::test]
async fn a_new_password_ends_what_was_signed_in_with_the_old_one() {
    let site = Site::new("http://localhost:3000").await;
    let own = site.sign_in("").await;
    assert_eq!(site.who(&own).await, "somebody");
    let new = "other words in a row";
    site.store
        .set_password(NEW.email, new, now())
        .await
        .unwrap();
    assert_eq!(site.who(&own).await, "nobody");
}

#[tokio::test]
async fn what_a_session_holds_is_read_with_its_key_and_under_its_id_only() {
    let site = Site::new("http://localhost:3000").await;
    let own = Sessions {
        store: site.store.clone(),
        sealer: sealer(1),
    };
    let mut record = Record {
        id: Id::default(),
        data: [("state".to_owned(), "a long random word".into())].into(),
        expiry_date: OffsetDateTime::now_utc(),
    };
    own.create(&mut record).await.unwrap();
    let kept = own.seal(&record).unwrap();
    assert!(!kept.contains("state") && own.open(&Id::default(), &kept).is_none());
    let found = own.load(&record.id).await.unwrap().unwrap();
    assert_eq!(found.data, record.data);
    let other = Sessions {
        store: site.store.clone(),
        sealer: sealer(2),
    };
    assert_eq!(other.load(&record.id).await.unwrap(), None, "it is over");
}
