//! Where leads live. Today that is the built-in store; what a CRM has to be able to do is what
//! [`builtin::Builtin`] does: find the leads that share a key, and write leads with the submissions
//! that made or changed them.

pub mod builtin;
