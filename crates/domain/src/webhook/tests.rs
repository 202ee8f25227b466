use super::*;
use crate::{
    audit::{AuditChanges, AuditValue},
    comment::{Comment, CommentView},
    event::{Change, ProjectChanged},
    id::{CommentId, DeliveryId, TaskId, UserId},
    job::{JobPayload, NewJob},
    membership::{Member, MemberRole},
    person::Person,
    project::{Project, ProjectStatus},
    task::{NewTask, TaskDraft, TaskView},
    text::DisplayName,
};
use chrono::TimeDelta;
use std::{collections::HashSet, time::Duration};

const ANN: UserId = UserId::new(1);
const BOB: UserId = UserId::new(2);

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn url(raw: &str) -> WebhookUrl {
    WebhookUrl::parse(raw.to_owned()).unwrap()
}

fn webhook() -> Webhook {
    let new = NewWebhook {
        project_id: ProjectId::new(7),
        url: url("https://example.org/hook?key=s3cret"),
        types: WebhookTypes::all(),
        secret: WebhookSecret::new([7; 32]),
        created_at: at(0),
        quota: MAX_WEBHOOKS,
        audit: None,
    };
    new.stored(WebhookId::new(3))
}

#[test]
fn types_are_ordered_and_equal_ones_collapse() {
    use WebhookEventType::{MemberRemoved, TaskCreated};
    let types = WebhookTypes::parse(vec![MemberRemoved, TaskCreated, MemberRemoved]).unwrap();
    assert_eq!(types.as_slice(), [TaskCreated, MemberRemoved]);
    assert!(types.contains(TaskCreated) && !types.contains(WebhookEventType::TaskUpdated));
    assert_eq!(types.to_string(), "task.created member.removed");
    for types in [types, WebhookTypes::all()] {
        assert_eq!(types.to_string().parse(), Ok(types));
    }
    assert_eq!(WebhookTypes::all().as_slice(), WebhookEventType::ALL);
    assert_eq!(WebhookTypes::parse(Vec::new()).map_err(|error| error.code), Err("too_few"));
    assert_eq!("ping".parse::<WebhookTypes>().map_err(|error| error.code), Err("invalid"));
}

#[test]
fn delivery_is_of_an_event_type_or_a_ping() {
    let changes = WebhookEventType::ALL.iter().copied().map(DeliveryType::Change);
    for kind in changes.chain([DeliveryType::Ping]) {
        assert_eq!(kind.to_string().parse(), Ok(kind));
    }
    assert_eq!(MessageId::new("msg_7".to_owned()).as_str(), "msg_7");
    assert!("task.moved".parse::<DeliveryType>().is_err());
}

#[test]
fn url_is_of_http_and_shows_scheme_and_host_alone() {
    for (raw, host, shown) in [
        (" https://example.org/hook?key=s3cret#x ", "example.org", "https://example.org"),
        ("https://example.org/s3cret", "example.org", "https://example.org"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("HTTPS://ann:s3cret@[::1]/a/b", "[::1]", "HTTPS://[::1]"),
        ("https://example.org?key=s3cret/a", "example.org", "https://example.org"),
    ] {
        let url = url(raw);
        assert_eq!((url.host(), url.scheme_and_host().as_str()), (host, shown));
        assert_eq!(format!("{url:?}"), format!("WebhookUrl({shown})"));
        assert_eq!(url.as_str(), raw.trim());
    }
    for (wrong, code) in [
        ("", "too_short"),
        ("example.org", "invalid"),
        ("ftp://example.org", "invalid"),
        ("https://", "invalid"),
        ("https:///hook", "invalid"),
        ("https://example.org/a b", "invalid"),
        ("https://example.org/\u{7f}", "invalid"),
        ("https://example.org/\0", "nul_character"),
    ] {
        assert_eq!(WebhookUrl::parse(wrong.to_owned()).map_err(|error| error.code), Err(code), "{wrong:?}");
    }
    let long = |length: usize| WebhookUrl::parse(format!("https://e/{}", "x".repeat(length - 10)));
    assert!(long(2_000).is_ok());
    assert_eq!(long(2_001).map_err(|error| error.code), Err("too_long"));
}

#[test]
fn secret_has_the_form_of_the_standard_and_is_not_printed() {
    let secret = WebhookSecret::new([0xff; 32]);
    assert_eq!(secret.expose(), "whsec_//////////////////////////////////////////8=");
    assert_eq!(secret.key(), [0xff; 32]);
    assert_eq!(format!("{secret:?}"), "WebhookSecret(…)");
    assert_eq!(WebhookSecret::parse(secret.expose().to_owned()), Ok(secret));
    let example = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()).unwrap();
    assert_eq!(example.key().len(), 24);
    for wrong in
        ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"]
    {
        assert!(WebhookSecret::parse(wrong.to_owned()).is_err(), "{wrong}");
    }
}

#[test]
fn schedule_has_1_to_20_pauses_of_at_most_a_day() {
    assert_eq!(RetrySchedule::default().to_string(), "5,300,1800,7200,18000,36000,36000");
    for right in ["5", "0.2,1", "86400", &["1"; 20].join(",")] {
        assert_eq!(right.parse::<RetrySchedule>().unwrap().to_string(), right);
    }
    assert_eq!(" 5 , 1.50 ".parse::<RetrySchedule>().unwrap().to_string(), "5,1.5");
    for wrong in ["", "0", "5,", "5,0", "-1", "+1", "1e3", "86400.1", "inf", "nan", "5s", &["1"; 21].join(",")] {
        assert!(wrong.parse::<RetrySchedule>().is_err(), "{wrong}");
    }
}

#[test]
fn pauses_have_a_fifth_of_jitter_and_end() {
    let schedule: RetrySchedule = "10,1000".parse().unwrap();
    let next = |id, failures| schedule.next_attempt(DeliveryId::new(id), failures, at(0), None);
    for (failures, seconds) in [(1, 10), (2, 1_000)] {
        let times: HashSet<_> = (1..=100).filter_map(|id| next(id, failures)).collect();
        let (least, most) = (TimeDelta::milliseconds(seconds * 800), TimeDelta::milliseconds(seconds * 1_200));
        assert!(times.iter().all(|time| (at(0) + least..=at(0) + most).contains(time)), "{times:?}");
        assert!(times.len() > 60 && times.iter().any(|time| *time < at(seconds)));
    }
    assert_eq!((next(1, 0), next(1, 3)), (None, None));
}

#[test]
fn receiver_puts_an_attempt_off_for_a_day_at_most() {
    let schedule: RetrySchedule = "10".parse().unwrap();
    let next = |after| schedule.next_attempt(DeliveryId::new(1), 1, at(0), Some(after)).unwrap();
    let day = at(86_400);
    assert_eq!(next(RetryAfter::Delay(Duration::from_secs(60))), at(60));
    assert_eq!(next(RetryAfter::At(at(60))), at(60));
    assert_eq!(next(RetryAfter::Delay(Duration::MAX)), day);
    assert_eq!(next(RetryAfter::At(at(1_000_000))), day);
    for early in [RetryAfter::Delay(Duration::ZERO), RetryAfter::At(at(-60))] {
        assert!((at(8)..=at(12)).contains(&next(early)), "{early:?}");
    }
}

fn attempt(outcome: AttemptOutcome) -> Attempt {
    Attempt {
        delivery_id: DeliveryId::new(1),
        webhook_id: WebhookId::new(3),
        at: at(0) + MAX_FAILING,
        outcome,
        status: None,
        error: None,
        is_slow: false,
    }
}

#[test]
fn webhook_fails_until_a_delivery_succeeds() {
    let failed = attempt(AttemptOutcome::Failed);
    assert_eq!(failed.failing_since(None), Some(failed.at));
    assert_eq!(failed.failing_since(Some(at(5))), Some(at(5)));
    assert_eq!(attempt(AttemptOutcome::Delivered).failing_since(Some(at(5))), None);
}

#[test]
fn five_days_of_failures_or_410_end_a_webhook() {
    for failed in [attempt(AttemptOutcome::Failed), attempt(AttemptOutcome::Retry(at(1_000_000)))] {
        for (since, end) in [(None, None), (Some(at(0)), None), (Some(at(-1)), Some(WebhookEnd::Failing))] {
            assert_eq!(failed.end(since), end);
        }
    }
    assert_eq!(attempt(AttemptOutcome::Delivered).end(Some(at(-1))), None);
    let gone = attempt(AttemptOutcome::Gone);
    assert_eq!(gone.end(None), Some(WebhookEnd::Gone));
    assert_eq!(gone.job(WebhookEnd::Gone, ANN), None);
    let payload = JobPayload::WebhookEndedMail { user_id: ANN, webhook_id: WebhookId::new(3) };
    assert_eq!(gone.job(WebhookEnd::Failing, ANN), Some(NewJob { payload, created_at: gone.at }));
}

#[test]
fn patch_saves_what_changes_and_its_audit_has_no_path() {
    let same = WebhookPatch { url: Some(webhook().url), types: Some(webhook().types), is_active: Some(true) };
    assert_eq!(webhook().apply(same, at(9)), None);
    let patch = WebhookPatch { url: Some(url("https://example.net/?key=s3cret")), ..WebhookPatch::default() };
    let change = webhook().apply(patch, at(9)).unwrap();
    assert_eq!(
        (change.id, change.types.is_none(), change.is_active, change.at),
        (WebhookId::new(3), true, None, at(9))
    );
    let text = |text: &str| AuditValue::from(text);
    let expected = [("url", text("https://example.org"), text("https://example.net"))];
    assert_eq!(AuditChanges::of_webhook(&webhook(), &change).0, expected);
    // A change of the path alone is recorded, too.
    let patch = WebhookPatch { url: Some(url("https://example.org/s3cret")), ..WebhookPatch::default() };
    let change = webhook().apply(patch, at(9)).unwrap();
    let expected = [("url", text("https://example.org"), text("https://example.org"))];
    assert_eq!(AuditChanges::of_webhook(&webhook(), &change).0, expected);
    let deleted = AuditChanges::of_deleted_webhook(&webhook());
    assert!(!format!("{deleted:?}").contains("s3cret"));
}

#[test]
fn inactive_webhook_sends_nothing() {
    assert_eq!(webhook().check_active(), Ok(()));
    assert_eq!(Webhook { is_active: false, ..webhook() }.check_active(), Err(InactiveWebhook));
}

fn person(id: UserId, name: &str) -> Person {
    Person { id, display_name: DisplayName::parse(name.to_owned()).unwrap() }
}

fn project() -> Project {
    Project {
        id: ProjectId::new(7),
        name: "Garden".parse().unwrap(),
        description: None,
        status: ProjectStatus::Active,
        owner_id: ANN,
        created_at: at(0),
        updated_at: at(0),
        version: 1,
    }
}

/// A change of each kind of thing, which names BOB where it names anybody, with its subject.
fn changes() -> [(Change, DeliverySubject); 4] {
    let draft = TaskDraft { assignee_id: Some(BOB), ..TaskDraft::new("Paint".parse().unwrap()) };
    let task = NewTask::new(TaskProject::new(project(), None), draft, ANN, at(0), 1).stored(TaskId::new(9));
    let task = TaskView { task, assignee: Some(person(BOB, "Bob")), labels: Vec::new() };
    let (id, task_id, body) = (CommentId::new(4), TaskId::new(9), "Which red?".parse().unwrap());
    let comment = Comment { id, task_id, author_id: BOB, body, created_at: at(0) };
    let comment = CommentView { comment, author: person(BOB, "Bob") };
    let Person { id: user_id, display_name } = person(BOB, "Bob");
    let member = Member { user_id, display_name, email: None, role: MemberRole::Viewer, created_at: at(0) };
    let (of_task, of_project) = (DeliverySubject::Task(task_id), DeliverySubject::Project(ProjectId::new(7)));
    [
        (Change::TaskUpdated(task), of_task),
        (Change::CommentDeleted(comment), of_task),
        (Change::MemberAdded(member), of_project),
        (Change::ProjectUpdated(project()), of_project),
    ]
}

#[test]
fn changes_of_one_task_have_one_subject() {
    for (change, subject) in changes() {
        let kind = change.kind();
        let event =
            ProjectChanged { project_id: ProjectId::new(7), actor_id: ANN, at: at(5), change: Box::new(change) };
        let delivery = NewDelivery::of(&event, &person(ANN, "Ann").display_name);
        assert_eq!((delivery.subject(), delivery.content().kind()), (subject, DeliveryType::Change(kind)));
        assert_eq!((delivery.content().at(), delivery.content().actor_id()), (at(5), Some(ANN)));
    }
    let ping = NewPing { webhook_id: WebhookId::new(3), at: at(5), quota: MAX_PINGS, audit: None };
    assert_eq!((ping.subject().to_string().as_str(), ping.content().kind()), ("webhook/3", DeliveryType::Ping));
    assert_eq!((ping.content().person(), ping.content().actor_id()), (None, None));
}

#[test]
fn name_of_a_user_is_replaced_wherever_it_is() {
    for (change, _) in changes() {
        let named = change.person();
        assert_eq!(named, (change.kind() != WebhookEventType::ProjectUpdated).then_some(BOB));
        let content = DeliveryContent::Change { actor: person(ANN, "Ann"), at: at(0), change: Box::new(change) };
        assert_eq!(content.person(), named);
        let renamed = |user| {
            let mut content = content.clone();
            content.rename(user, &person(user, "Zoe").display_name);
            format!("{content:?}").matches("Zoe").count()
        };
        assert_eq!((renamed(ANN), renamed(UserId::new(3))), (1, 0));
        assert_eq!(renamed(BOB), usize::from(named.is_some()));
    }
}
