//! Mails about webhooks that the server ended.

use super::*;
use crate::{
    fixtures::{ASSIGNEE_ID, OWNER, project, task_project},
    webhook::fixtures::webhook,
};
use fasttrack_domain::{task::TaskProject, webhook::Webhook};

const ACCOUNT: MailClass = MailClass::Account { user_id: ASSIGNEE_ID };

/// Prepares a job about a webhook of this project, or none, for ASSIGNEE.
fn ended(found: Option<(Webhook, TaskProject)>) -> Prepared {
    let mut prepared = Prepared::new().finding(Some(user(ASSIGNEE)));
    let found = found.map(|(webhook, project)| WebhookInProject { webhook, project });
    prepared
        .webhooks
        .expect_find()
        .times(1)
        .withf(|id, reader| (*id, *reader) == (WebhookId::new(3), ASSIGNEE.id))
        .return_once(|_, _| Ok(found));
    prepared
}

fn perform(prepared: Prepared) -> Performed {
    prepared.perform(JobPayload::WebhookEndedMail { user_id: ASSIGNEE.id, webhook_id: WebhookId::new(3) }, 1).unwrap()
}

#[test]
fn owner_is_mailed_which_receiver_was_ended() {
    let (inactive, own) = (Webhook { is_active: false, ..webhook() }, owned_by(ASSIGNEE.id));
    let message = Message::WebhookEnded { project: project().name, host: "example.org".to_owned() };
    let prepared = ended(Some((inactive, own))).admitting(ACCOUNT, Admission::Send).sending_this(mail(message));
    assert_eq!(perform(prepared), Performed::Done);
}

#[test]
fn webhook_that_is_active_gone_or_of_others_is_worth_no_mail() {
    let inactive = Webhook { is_active: false, ..webhook() };
    for found in [None, Some((webhook(), owned_by(ASSIGNEE.id))), Some((inactive, owned_by(OWNER.id)))] {
        assert_eq!(perform(ended(found)), Performed::Done);
    }
}

fn owned_by(owner_id: UserId) -> TaskProject {
    TaskProject { owner_id, ..task_project() }
}
