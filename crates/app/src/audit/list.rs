use super::Audit;
use crate::Error;
use fasttrack_domain::{
    audit::{AuditFilter, AuditRecord},
    page::{Page, PageRequest},
    policy::{Action, Actor},
};

#[derive(Clone, Debug)]
pub struct ListAudit {
    pub actor: Actor,
    pub filter: AuditFilter,
    pub page: PageRequest,
}

impl Audit {
    // @spec SPEC-018
    /// Lists entries from the newest on, including those that this node has not written yet. Fails with
    /// [`Error::Forbidden`] for all but administrators.
    #[tracing::instrument(name = "audit.list", skip_all)]
    pub async fn list(&self, command: ListAudit) -> Result<Page<AuditRecord>, Error> {
        command.actor.authorize(Action::ReadAudit)?;
        self.log.flush().await;
        Ok(self.lines.list(command.filter, command.page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, OWNER, now, run};
    use fasttrack_domain::{
        id::AuditId,
        ports::audit::{MockAuditLog, MockAuditRepository},
    };
    use mockall::Sequence;
    use std::sync::Arc;

    fn list(actor: Actor, lines: MockAuditRepository, log: MockAuditLog) -> Result<Page<AuditRecord>, Error> {
        let filter = AuditFilter { object: Some("user/1".to_owned()), ..AuditFilter::default() };
        let command = ListAudit { actor, filter, page: PageRequest::default() };
        run(Audit { lines: Arc::new(lines), log: Arc::new(log) }.list(command))
    }

    #[test]
    fn an_admin_sees_also_what_was_noted_just_now() {
        let (mut lines, mut log, mut order) = (MockAuditRepository::new(), MockAuditLog::new(), Sequence::new());
        log.expect_flush().times(1).in_sequence(&mut order).return_const(());
        let record = AuditRecord {
            id: AuditId::new(1),
            at: now(),
            actor_id: Some(ADMIN.id),
            action: "login".to_owned(),
            object: Some("user/1".to_owned()),
            changes: "{}".to_owned(),
            ip: None,
            request_id: None,
        };
        let page = Page { items: vec![record], next: None };
        let answer = page.clone();
        lines
            .expect_list()
            .times(1)
            .in_sequence(&mut order)
            .withf(|filter, _| filter.object.as_deref() == Some("user/1"))
            .return_once(|_, _| Ok(answer));
        assert_eq!(list(ADMIN, lines, log).unwrap(), page);
    }

    #[test]
    fn nobody_else_sees_anything() {
        let refused = list(OWNER, MockAuditRepository::new(), MockAuditLog::new());
        assert!(matches!(refused, Err(Error::Forbidden(_))));
    }
}
