//! The few shared pieces that pages are made of, one file each. Pages never write a class name or a
//! colour of their own: what is missing is added here and to `style/`.
//!
//! | piece | for |
//! |---|---|
//! | [`Table`] with [`Column`], [`Row`] | any list; becomes cards on a narrow screen |
//! | [`FilterBar`], [`Search`], [`Select`], [`OnDay`], [`Hidden`] | a list's filters, as a GET form |
//! | [`Query`], [`Listed`], [`Pager`] | a list's address, read and written; the links to newer and older rows |
//! | [`Field`], [`Text`], [`Choice`], [`Checks`], [`Check`], [`Pick`], [`Columns`], [`Submit`] | a form; they keep what was typed and show what is wrong |
//! | [`Badge`] | a state, as a word and a tone |
//! | [`ProfileState`], [`SyncState`], [`PartState`], [`Matching`], [`TestMark`], [`PersonBadge`] | the badges of the nouns' states |
//! | [`Banner`] | something that needs to be known, with what to do |
//! | [`Notices`] | what needs attention, one line each |
//! | [`Record`], [`Section`], [`Facts`], [`Fact`] | the parts of a record's page |
//! | [`Changes`], [`Brief`], [`Sentence`] | fields before and after: as a table, in a line each; what happened |
//! | [`Compare`] | one record beside others, field by field |
//! | [`Tick`], [`Key`] | rows that are ticked, keys that press buttons |
//! | [`Tabs`], [`More`], [`Raw`] | parts of a record with an address each, and folded away |
//! | [`Timeline`], [`Moment`] | what happened, in order |
//! | [`Tiles`], [`Tile`], [`BarChart`], [`DayChart`] | figures |
//! | [`Stepper`] | where in a sequence a person is |
//! | [`StepList`] | what came of each step of something that was done |
//! | [`Copy`] | a text to be taken elsewhere |
//! | [`Confirm`] | a dialog before something that cannot be taken back |
//! | [`Empty`], [`Loading`] | nothing there, not there yet |
//! | [`Time`], [`Day`] | a moment: UTC from the server, the reader's zone in the browser |
//! | [`Qr`] | a QR code as a drawing |
//! | [`Icon`] | a drawing beside a word, never instead of one |

mod address;
mod badge;
mod banner;
mod changes;
mod chart;
mod compare;
mod copy;
mod dialog;
mod empty;
mod facts;
pub(crate) mod failure;
mod filter;
pub(crate) mod form;
pub(crate) mod icon;
mod more;
mod notices;
mod pager;
mod qr;
mod reorder;
mod sentence;
mod state;
mod step_list;
mod stepper;
mod table;
mod tabs;
mod tick;
mod tile;
mod time;
mod timeline;

pub use address::{Listed, Query, counted};
pub use badge::{Badge, Tone};
pub use banner::Banner;
pub(crate) use changes::blank;
pub use changes::{Brief, Changes, field_changes};
pub use chart::{Bar, BarChart, DayChart, thousands};
pub use compare::{Compare, Compared};
pub use copy::Copy;
pub use dialog::Confirm;
pub use empty::{Empty, Loading};
pub use facts::{Fact, Facts, Record, Section};
pub use filter::{FilterBar, Hidden, OnDay, Search, Select, pick};
pub use form::{Check, Checks, Choice, Columns, Field, Pick, Submit, Text};
pub use icon::{Icon, Shape};
pub use more::{More, Raw};
pub use notices::{Notice, Notices};
pub use pager::Pager;
pub use qr::Qr;
pub use reorder::Reorder;
pub use sentence::Sentence;
pub use state::{
    LeadState, LinkedInState, Matching, PartState, PersonBadge, Processing, ProfileState,
    SyncState, TestMark, roles, words,
};
pub use step_list::{Outcome, StepList};
pub use stepper::{Progress, Step, Stepper};
pub use table::{Column, Order, Row, Table};
pub use tabs::Tabs;
pub use tick::{Key, Tick};
pub use tile::{Tile, Tiles};
pub use time::{Day, Time, days_until, iso, utc_day};
pub use timeline::{Moment, Timeline};
