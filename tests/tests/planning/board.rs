//! A board: columns of cards that two clients drag at once.

use super::{encoded, ids, label, move_task, tasks, walk};
use fastrand::Rng;
use fasttrack_tests::{Account, Server};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CARDS: usize = 200;
const COLUMNS: [&str; 3] = ["todo", "in_progress", "done"];
/// A word of each script that cards have in their titles, and what somebody types to find it.
const SCRIPTS: [(&str, &str); 5] =
    [("Straße", "STRASS"), ("Москва\u{301}", "моск"), ("Αθήνα", "ΑΘΗΝΑ"), ("東京駅", "駅"), ("مُحَمَّد", "محمد")];

/// What one front end shows: the cards as the server last answered.
struct Board {
    account: Account,
    project: i64,
    cards: BTreeMap<i64, Value>,
    /// When the newest of the cards was changed before any was dragged.
    since: String,
    /// The number of changes that the server has answered, by card.
    changes: BTreeMap<i64, i64>,
}

impl Board {
    async fn open(account: &Account, project: i64) -> Self {
        let mut cards = BTreeMap::new();
        for status in COLUMNS {
            let column = column(account, project, &format!("status={status}")).await;
            cards.extend(column.into_iter().map(|card| (card["id"].as_i64().unwrap(), card)));
        }
        let since = cards.values().map(|card| card["updated_at"].as_str().unwrap()).max().unwrap().to_owned();
        Self { account: account.clone(), project, cards, since, changes: BTreeMap::new() }
    }

    /// Returns the cards that a condition selects, in the order of their positions.
    fn sorted(&self, selects: impl Fn(&Value) -> bool) -> Vec<i64> {
        let mut cards: Vec<_> = self.cards.values().filter(|card| selects(card)).collect();
        cards.sort_by(|a, b| a["position"].as_str().cmp(&b["position"].as_str()));
        cards.iter().map(|card| card["id"].as_i64().unwrap()).collect()
    }

    fn column(&self, status: &str) -> Vec<i64> {
        self.sorted(|card| card["status"] == status)
    }

    fn show(&mut self, card: Value) {
        let id = card["id"].as_i64().unwrap();
        *self.changes.entry(id).or_default() += 1;
        self.cards.insert(id, card);
    }

    /// Drags a card to a place of a column, step by step, as the state machine wants it.
    async fn drag(&mut self, card: i64, to: usize, rng: &mut Rng) {
        let path = format!("/tasks/{card}");
        let mut at = COLUMNS.iter().position(|status| self.cards[&card]["status"] == *status).unwrap();
        while at != to {
            at = if at < to { at + 1 } else { at - 1 };
            let changed = self.account.patch(&path, json!({"status": COLUMNS[at]})).await.expect(200);
            self.show(changed.data());
        }
        let others: Vec<_> = self.column(COLUMNS[to]).into_iter().filter(|other| *other != card).collect();
        let place = match rng.usize(..=others.len()) {
            0 => others.first().map_or(json!({"after": null}), |first| json!({"before": first})),
            place => json!({"after": others[place - 1]}),
        };
        let moved = move_task(&self.account, card, place).await.expect(200);
        self.show(moved.data());
    }

    /// Drags each of these cards to a random place.
    async fn play(&mut self, cards: &[i64], seed: u64) {
        let mut rng = Rng::with_seed(seed);
        for card in cards {
            let to = rng.usize(..COLUMNS.len());
            self.drag(*card, to, &mut rng).await;
        }
    }

    /// Fetches what changed since the board was opened.
    async fn refresh(&mut self) {
        let list = format!("/projects/{}/tasks", self.project);
        let query = format!("updated_since={}&sort=updated_at&limit=50", self.since);
        for card in walk(&self.account, &list, &query).await {
            self.cards.insert(card["id"].as_i64().unwrap(), card);
        }
    }
}

/// Returns what a project has for a query, in the order that people gave.
async fn column(reader: &Account, project: i64, query: &str) -> Vec<Value> {
    walk(reader, &format!("/projects/{project}/tasks"), &format!("{query}&sort=position&limit=40")).await
}

/// Fails unless both front ends show each column as the server has it.
async fn shows_the_same(boards: [&Board; 2]) {
    for status in COLUMNS {
        let truth = column(&boards[0].account, boards[0].project, &format!("status={status}")).await;
        for board in boards {
            assert_eq!(board.column(status), ids(&truth), "{status}");
            for card in &truth {
                assert_eq!(board.cards[&card["id"].as_i64().unwrap()], *card);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clients_drag_200_cards_and_see_one_board() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let card = |n: usize| json!({"title": format!("{} {n}", SCRIPTS[n % 5].0), "status": COLUMNS[n % 3]});
    let made = tasks(&ann, project, (0..CARDS).map(card)).await;
    let (mut anns, mut bobs) = (Board::open(&ann, project).await, Board::open(&bob, project).await);
    shows_the_same([&anns, &bobs]).await;

    // Each drags its half, beside cards of the other, which are being dragged as well.
    let (first, second) = made.split_at(CARDS / 2);
    tokio::join!(anns.play(first, 1), bobs.play(second, 2));
    anns.refresh().await;
    bobs.refresh().await;
    shows_the_same([&anns, &bobs]).await;
    for id in &made {
        // No change of either was lost.
        let changes = anns.changes.get(id).or(bobs.changes.get(id));
        assert_eq!(anns.cards[id]["version"], 1 + changes.unwrap(), "{:#}", anns.cards[id]);
    }
    let whole =
        column(&ann, project, "completed=false").await.len() + column(&bob, project, "completed=true").await.len();
    assert_eq!(whole, CARDS);

    plan(&ann, &bob, project, &made).await;
    anns.refresh().await;
    bobs.refresh().await;
    shows_the_same([&anns, &bobs]).await;
    finds_by_label_and_due([&anns, &bobs]).await;
    finds_in_five_scripts([&anns, &bobs]).await;
}

/// One client puts labels on cards, while the other makes the same cards due.
async fn plan(ann: &Account, bob: &Account, project: i64, cards: &[i64]) {
    let labels = [label(ann, project, "Urgent").await, label(bob, project, "Soon").await];
    let labeling = async {
        for (n, card) in cards.iter().enumerate().filter(|(n, _)| n % 4 != 0) {
            for label in &labels[..=n % 2] {
                ann.request(Method::PUT, format!("/tasks/{card}/labels/{label}")).await.expect(204);
            }
        }
    };
    let dating = async {
        for (n, some) in cards.chunks(25).enumerate() {
            let due = if n % 2 == 0 { format!("2026-12-0{}", n + 1) } else { format!("2026-12-0{}T08:00:00Z", n + 1) };
            let body = json!({"ids": some, "patch": {"due": due}});
            bob.patch(format!("/projects/{project}/tasks/bulk"), body).await.expect(200);
        }
    };
    tokio::join!(labeling, dating);
}

async fn finds_by_label_and_due(boards: [&Board; 2]) {
    for board in boards {
        let labels = board.account.get(format!("/projects/{}/labels", board.project)).await.expect(200).ids();
        let has = |card: &Value, label: i64| ids(card["labels"].as_array().unwrap()).contains(&label);
        // In texts of one form, days and instants of different days are in the order of time.
        let is_due = |card: &Value| card["due"].as_str().is_some_and(|due| ("2026-12-03".."2026-12-06").contains(&due));
        let due = "due_from=2026-12-03&due_until=2026-12-05";
        for (query, expected) in [
            (format!("label={}", labels[0]), board.sorted(|card| has(card, labels[0]))),
            (format!("label={}&label={}", labels[0], labels[1]), board.sorted(|card| has(card, labels[1]))),
            (due.to_owned(), board.sorted(is_due)),
            (format!("{due}&label={}", labels[1]), board.sorted(|card| is_due(card) && has(card, labels[1]))),
        ] {
            assert!(!expected.is_empty(), "{query}");
            assert_eq!(ids(&column(&board.account, board.project, &query).await), expected, "{query}");
        }
    }
}

async fn finds_in_five_scripts(boards: [&Board; 2]) {
    for board in boards {
        for (word, typed) in SCRIPTS {
            let expected = board.sorted(|card| card["title"].as_str().unwrap().starts_with(word));
            assert_eq!(expected.len(), CARDS / 5, "{word}");
            let query = format!("q={}", encoded(typed));
            assert_eq!(ids(&column(&board.account, board.project, &query).await), expected, "{typed}");
        }
    }
}
