//! Servers that hang, babble and lie.

use std::time::Instant;

use tokio::io::{AsyncReadExt, DuplexStream, duplex};

use super::*;

/// A client whose server sends `script` at once, and then waits.
async fn connected(script: &str) -> (Result<Client, MpdError>, DuplexStream) {
    let (ours, mut theirs) = duplex(1 << 20);
    theirs.write_all(script.as_bytes()).await.unwrap();
    (Client::greeted(Box::new(ours)).await, theirs)
}

async fn client(script: &str) -> (Client, DuplexStream) {
    let (client, server) = connected(&format!("OK MPD 0.23.5\n{script}")).await;
    (client.unwrap(), server)
}

#[tokio::test]
async fn answers_are_read_one_by_one() {
    let (mut client, _server) =
        client("volume: 5\nstate: play\nOK\na: 1\nlist_OK\nlist_OK\nOK\n").await;
    assert_eq!(client.version(), "0.23.5");
    let status = client.ask(Command::new("status")).await.unwrap();
    assert_eq!(status.get("state"), Some("play"));
    let both = client
        .ask_each(&[Command::new("x"), Command::new("y")])
        .await
        .unwrap();
    assert_eq!(both.len(), 2);
}

#[tokio::test]
async fn a_list_tells_how_far_it_came() {
    let (mut client, _server) =
        client("Id: 7\nlist_OK\nACK [50@1] {addid} No such song\nOK\n").await;
    let add = || Command::new("addid").arg("x");
    let (answers, ack) = client.ask_all(&[add(), add(), add()]).await.unwrap();
    assert_eq!(answers[0].number::<u32>("Id"), Some(7));
    assert_eq!((answers.len(), ack.unwrap().code), (1, code::NO_EXIST));
    // The connection goes on.
    client.ask(Command::new("ping")).await.unwrap();
}

#[tokio::test]
async fn who_is_no_mpd_is_told_at_once() {
    for greeting in ["220 mail.example.org ESMTP\n", "\n", "OK\n", "\u{0}\u{1}\n"] {
        let (client, _server) = connected(greeting).await;
        assert!(matches!(client, Err(MpdError::Nonsense(_))), "{greeting:?}");
    }
}

#[tokio::test]
async fn garbage_in_an_answer_ends_the_exchange() {
    for answer in ["<html>\n", "ACK nonsense\n", "list_OK\n", "OK MPD 0.23\n"] {
        let (mut client, _server) = client(answer).await;
        let asked = client.ask(Command::new("status")).await;
        assert!(
            matches!(asked, Err(MpdError::Nonsense(_))),
            "{answer:?}: {asked:?}"
        );
    }
    let (mut client, _server) = client("OK\n").await;
    let commands = [Command::new("status"), Command::new("status")];
    let asked = client.ask_all(&commands).await;
    assert!(matches!(asked, Err(MpdError::Nonsense(_))), "{asked:?}");
}

#[tokio::test]
async fn a_line_without_an_end_is_cut_off() {
    let (mut client, _server) = client(&"x".repeat(LONGEST_LINE + 2)).await;
    let asked = client.ask(Command::new("status")).await;
    assert!(matches!(asked, Err(MpdError::Nonsense(_))), "{asked:?}");
}

#[tokio::test]
async fn an_answer_without_an_end_is_cut_off() {
    let (mut client, mut server) = client("").await;
    tokio::spawn(async move {
        let lines = format!("key: {}\n", "x".repeat(8000)).repeat(100);
        while server.write_all(lines.as_bytes()).await.is_ok() {}
    });
    let asked = client.ask_long(Command::new("playlistinfo")).await;
    assert!(matches!(asked, Err(MpdError::Nonsense(_))), "{asked:?}");
}

#[tokio::test]
async fn a_connection_that_ends_is_gone() {
    let (mut client, server) = client("vol").await;
    drop(server);
    let asked = client.ask(Command::new("status")).await;
    assert!(matches!(asked, Err(MpdError::Gone)), "{asked:?}");
}

#[tokio::test]
async fn who_never_answers_is_late() {
    let (mut client, _server) = client("").await;
    let asked = client.ask(Command::new("status")).await;
    assert!(matches!(asked, Err(MpdError::Late(_))), "{asked:?}");
}

#[tokio::test]
async fn who_never_greets_is_late() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let _listener = tokio::net::UnixListener::bind(&path).unwrap();
    let begun = Instant::now();
    let connected = Client::connect(&Address::at(Place::Socket(path))).await;
    assert!(matches!(connected, Err(MpdError::Late(_))));
    assert!(begun.elapsed() < CONNECT_WITHIN + Duration::from_secs(1));
}

#[tokio::test]
async fn a_password_is_given_before_all_else_and_its_refusal_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"OK MPD 0.23.5\nACK [3@0] {password} incorrect password\n")
            .await
            .unwrap();
        let mut got = String::new();
        stream.read_to_string(&mut got).await.unwrap();
        got
    });
    let address = Address {
        place: Place::Socket(path),
        password: Some("ge\"heim".into()),
    };
    let refused = Client::connect(&address).await.err().unwrap();
    assert!(refused.is(code::PASSWORD) && !refused.to_string().contains("heim"));
    assert!(refused.to_string().contains("[mpd]"), "{refused}");
    assert_eq!(server.await.unwrap(), "password \"ge\\\"heim\"\n");
}

#[tokio::test]
async fn an_abstract_socket_is_found() {
    use std::os::linux::net::SocketAddrExt;
    let name = format!("moodlark-test-{}", std::process::id());
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
    let listener = std::os::unix::net::UnixListener::bind_addr(&address).unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::UnixListener::from_std(listener).unwrap();
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"OK MPD 0.23.5\n").await.unwrap();
        stream
    };
    let address = Address::parse(&format!("@{name}")).unwrap();
    let (connected, _stream) = tokio::join!(Client::connect(&address), server);
    assert_eq!(connected.unwrap().version(), "0.23.5");
}
