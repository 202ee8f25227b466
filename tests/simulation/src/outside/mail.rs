//! A mail server that fails at times.

use crate::ports::Line;
use async_trait::async_trait;
use fasttrack_domain::{
    mail::Mail,
    ports::mail::{MailError, Mailer},
};

/// How often of a thousand mails the server is busy, refuses a mail, or its answer is lost.
const FAILURES: [u64; 3] = [100, 10, 30];

pub(crate) struct MailServer(pub(crate) Line);

#[async_trait]
impl Mailer for MailServer {
    async fn send(&self, _: Mail) -> Result<(), MailError> {
        let [busy, refused, lost] = FAILURES;
        let note = |outcome: &str| self.0.sim.note(Some(self.0.node), format_args!("mail: {outcome}"));
        self.0.pause().await;
        if self.0.happens(busy) {
            note("busy");
            return Err(MailError::Temporary("the server is busy".into()));
        }
        if self.0.happens(refused) {
            note("refused");
            return Err(MailError::Permanent("the server refuses the mail".into()));
        }
        note("accepted");
        self.0.pause().await;
        if self.0.happens(lost) {
            note("answer lost");
            return Err(MailError::Temporary("the answer was lost".into()));
        }
        Ok(())
    }
}
