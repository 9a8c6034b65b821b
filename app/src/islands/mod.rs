//! The few pieces that run in the browser.
