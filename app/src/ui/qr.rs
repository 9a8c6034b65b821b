//! A QR code as a drawing in the page: no other picture may be loaded, and none has to be.

use leptos::prelude::*;
use qrcode::{Color, QrCode};

/// The empty modules around the code that readers need.
const QUIET: usize = 4;

/// A text as a QR code.
#[component]
pub fn Qr(
    /// What a reader reads.
    #[prop(into)]
    text: String,
    /// What the drawing is, for whoever does not see it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    // Only a text of thousands of characters has no code.
    QrCode::new(text).ok().map(|code| {
        let size = code.width() + 2 * QUIET;
        view! {
            <svg class="qr" role="img" aria-label=label viewBox=format!("0 0 {size} {size}") shape-rendering="crispEdges">
                <path d=path(&code) />
            </svg>
        }
    })
}

/// A rectangle for each run of dark modules in a row.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(code.width()).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                let (left, top, width) = (x + QUIET, y + QUIET, run.len());
                path += &format!("M{left} {top}h{width}v1h-{width}z");
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_has_the_corner_mark_and_is_empty_around_it() {
        let drawn = path(&QrCode::new("Leadline").expect("a code"));
        assert!(drawn.starts_with("M4 4h7v1h-7z"), "{drawn}");
        assert!(drawn.contains("M4 5h1v1h-1z") && !drawn.contains("M0 "));
    }
}
