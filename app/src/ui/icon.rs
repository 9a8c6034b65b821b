//! Drawings beside words.

use leptos::prelude::*;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Leadline's mark.
    Brand,
    /// Three lines.
    Menu,
    /// A dashboard.
    Overview,
    /// A tray.
    Submissions,
    /// A card with a tick.
    Review,
    /// People.
    Leads,
    /// A person with a key.
    Profile,
    /// A building.
    Account,
    /// A sheet.
    Form,
    /// A loudspeaker.
    Campaign,
    /// Two arrows in a circle.
    Sync,
    /// Two circles that overlap.
    Matching,
    /// An arrow from a box to a box.
    Mapping,
    /// A form's lines.
    Fields,
    /// A cylinder, as databases are drawn.
    Crm,
    /// Two sliders.
    Settings,
    /// A list with a tick.
    Audit,
    /// A person on a card.
    Users,
    /// A key.
    Token,
}

impl Shape {
    /// The drawing in a square of 16, as strokes.
    fn path(self) -> &'static str {
        match self {
            Shape::Brand => "M3 2.5v10.5h10.5M6 9.5l3-3 2 2 3-3.5",
            Shape::Menu => "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
            Shape::Overview => {
                "M2.5 2.5h4.5v6H2.5zM9 2.5h4.5v3.5H9zM9 8h4.5v5.5H9zM2.5 10.5H7v3H2.5z"
            }
            Shape::Submissions => "M2.5 9.5l2-6.5h7l2 6.5v3.5h-11zM2.5 9.5h3.2l1 1.5h2.6l1-1.5h3.2",
            Shape::Review => "M2.5 2.5h11v8h-11zM5 6.5l1.6 1.6L10.5 5M4.5 13.5h7",
            Shape::Leads => {
                "M6 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM1.8 13c.3-2.3 2-3.6 4.2-3.6s3.9 1.3 4.2 3.6M10.5 3.2a2.2 2.2 0 0 1 0 4.2M12 9.8c1.3.5 2.1 1.6 2.3 3.2"
            }
            Shape::Profile => {
                "M8 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM3 13.5c.3-2.6 2.3-4 5-4s4.7 1.4 5 4"
            }
            Shape::Account => "M3 13.5v-11h6v11M9 6.5h4v7M1.5 13.5h13M5 5h2M5 7.5h2M5 10h2",
            Shape::Form => "M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3M5.5 7.5h5M5.5 10.5h5",
            Shape::Campaign => "M2.5 6.5v3h2.5l6 3.5v-10l-6 3.5zM5.5 9.8l.8 3.7M13 6.5v3",
            Shape::Sync => {
                "M13.5 8a5.5 5.5 0 0 1-10 3.2M2.5 8a5.5 5.5 0 0 1 10-3.2M12.8 2v3h-3M3.2 14v-3h3"
            }
            Shape::Matching => {
                "M6 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z"
            }
            Shape::Crm => {
                "M3 4c0-2.4 10-2.4 10 0v8c0 2.4-10 2.4-10 0zM3 4c0 2.4 10 2.4 10 0M3 8c0 2.4 10 2.4 10 0"
            }
            Shape::Settings => {
                "M2 5h6M11.5 5H14M2 11h2.5M8 11h6M9.8 6.6a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zM6.2 12.6a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2z"
            }
            Shape::Audit => "M2.5 3.5h11M2.5 7.5h6M2.5 11.5h4M9 11.2l1.8 1.8 3-3.6",
            Shape::Users => {
                "M3 2.5h10v11H3zM8 7.8a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM5.3 11.6c.3-1.4 1.3-2.1 2.7-2.1s2.4.7 2.7 2.1"
            }
            Shape::Token => {
                "M5.5 12.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM7.7 7.4l5.3-5.2M10.5 4.6l2 2M12 3.2l1.5 1.5"
            }
            Shape::Fields => "M2.5 3h11v3.5h-11zM2.5 9.5h11V13h-11zM5 4.75h2M5 11.25h4",
            Shape::Mapping => "M1.8 5h4v6h-4zM10.2 5h4v6h-4zM6.5 8h3M8.3 6.5 9.8 8 8.3 9.5",
        }
    }
}

/// A drawing beside a word; screen readers skip it.
#[component]
pub fn Icon(
    /// What is drawn.
    shape: Shape,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor"
            stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path d=shape.path() />
        </svg>
    }
}
