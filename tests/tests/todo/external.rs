//! Todos of external users, with any subject.

use fasttrack_tests::{Client, Installation, Server, jwt::Forge};
use serde_json::{Value, json};

const ISSUER: &str = "https://issuer.example";

/// Starts a server that accepts tokens signed by `issuer`. Its own key is another one.
fn trusting(issuer: &Server) -> Server {
    Installation::empty()
        .with("JWKS_URL", format!("{}/.well-known/jwks.json", issuer.url()))
        .with("JWT_ISSUER", ISSUER)
        .with("JWT_AUDIENCE", "todos")
        .start()
}

/// Returns a client with a token of `issuer` for this subject.
async fn named(issuer: &Server, server: &Server, subject: &str) -> Client {
    let genuine = issuer.register().await.access_token;
    let token = Forge::new(issuer, &genuine).claim("iss", ISSUER).claim("aud", "todos").claim("sub", subject);
    server.anonymous().with_token(&token.typ(None).sign())
}

/// Percent-encodes all but letters and digits.
fn encoded(subject: &str) -> String {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    subject.bytes().map(encode).collect()
}

#[tokio::test]
async fn external_user_id_is_exact_subject() {
    let issuer = Server::shared();
    let server = trusting(&issuer);
    let subjects = [
        "ann",
        "Ann",
        "7",
        "auth",
        "a/b",
        "a%2Fb",
        "a+b c",
        "Zoë",
        "Zoe\u{308}",
        "x?y#z",
        "a;b=c",
        "%",
        "<\">",
        "\u{fffd}",
    ];
    for subject in subjects {
        let client = named(&issuer, &server, subject).await;
        let todos = format!("/api/{}/tasks", encoded(subject));
        assert_eq!(client.get(&todos).await.expect(200).json(), json!([]));
        for title in ["Dig", "Mow"] {
            let made = client.post(&todos, json!({"title": title})).await.expect(201);
            assert_eq!(made.json()["user_id"], subject);
            let location = made.header("location").unwrap();
            assert_eq!(client.get(location).await.expect(200).json(), made.json());
            assert_eq!(location, format!("{todos}/{}", made.json()["id"]));
        }
        let page = client.get(format!("{todos}?limit=1")).await.expect(200);
        let (target, _) = page.header("link").unwrap()[1..].split_once('>').unwrap();
        assert_eq!(client.get(target).await.expect(200).json()[0]["title"], "Mow");

        let number = client.get("/auth/me").await.expect(200).id().to_string();
        let others = subjects.map(encoded).into_iter().chain(["%FF".to_owned(), "%EF%BF".to_owned(), number]);
        for other in others.filter(|other| *other != encoded(subject)) {
            client.get(format!("/api/{other}/tasks")).await.problem(403, "forbidden");
        }
    }
}

#[tokio::test]
async fn numeric_subject_is_not_a_local_id() {
    let issuer = Server::shared();
    let server = trusting(&issuer);
    let ann = server.register().await;
    let todos = super::path(&ann);
    super::todo(&ann, json!({})).await;
    let stranger = named(&issuer, &server, &ann.id.to_string()).await;
    assert_eq!(stranger.get(&todos).await.expect(200).json(), json!([]));
    let made = stranger.post(&todos, json!({"title": "Dig"})).await.expect(201).json();
    assert_eq!(made["user_id"], Value::String(ann.id.to_string()));
    let anns = ann.get(&todos).await.expect(200).json();
    assert_eq!((anns.as_array().unwrap().len(), &anns[0]["user_id"]), (1, &json!(ann.id)));
    ann.get(format!("{todos}/{}", made["id"])).await.problem(404, "not_found");
}
