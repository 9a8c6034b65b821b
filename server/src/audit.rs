//! `leadline audit …`: whether the audit log is as it was written.

use leadline::store::Store;
use leadline::store::audit::Checked;

use crate::cli::AuditCommand;
use crate::failure::{Failure, Outcome};

/// Does what was said with the audit log of this database.
///
/// # Errors
/// When the log is not as it was written, or the database cannot be reached.
pub async fn run(store: &Store, command: &AuditCommand) -> Outcome {
    let AuditCommand::Verify { noted } = command;
    match store.check_audit_log(noted.as_deref()).await? {
        Checked::Whole { events, last_hash } => {
            println!("All {events} events are as they were written.");
            println!("The last one's hash, to be noted down elsewhere: {last_hash}");
            Ok(())
        }
        Checked::Broken { id } => Err(Failure::Failed(format!(
            "Event {id} of the audit log is not as it was written, or is missing; what follows it \
             cannot be relied on. Compare with a backup."
        ))),
        Checked::WithoutNoted => Err(Failure::Failed(
            "No event of the audit log has the hash that was noted down: events were cut off, or all \
             were written anew. Compare with a backup."
                .to_owned(),
        )),
    }
}
