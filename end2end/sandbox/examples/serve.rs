//! Runs the demo sandbox until Ctrl-C: `cargo run -p leadline-sandbox --example serve [address]`.

use leadline_sandbox::{Config, Sandbox};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut config = Config::default();
    if let Some(listen) = std::env::args().nth(1) {
        config.listen = listen.parse().map_err(std::io::Error::other)?;
    }
    let sandbox = Sandbox::start(config).await?;
    println!("LinkedIn sandbox at {}", sandbox.base_url());
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}
