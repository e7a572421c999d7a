//! What `make bench` needs beside the server: a filled database, and a bare handler to compare pages with.
//!
//! - `fill --data DIR --topics N` fills an empty data folder through the same steps that people use;
//! - `meet --data DIR --meetings N --people N --month N --door N --held N` adds announced meetings to it, one with an open
//!   door, one that is on;
//! - `bare --listen ADDR --body FILE --content-type TYPE` answers every request with the bytes of a file;
//! - `follow` and `vote` are those who look at a meeting and vote in it, and `bare-room` answers as `follow` expects.
//!
//! An example and not a program of the crate, so that building the server does not build it.

mod fill;
mod meet;
mod room;

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use clap::Parser;
use tokio::net::TcpListener;

#[derive(Debug, Parser)]
enum Command {
    /// Fills an empty data folder.
    Fill {
        /// The folder.
        #[arg(long)]
        data: PathBuf,
        /// How many topics; ten times as many ledger entries.
        #[arg(long)]
        topics: u32,
    },
    /// Adds announced meetings to a filled data folder, and prints where they stand.
    Meet {
        /// The folder.
        #[arg(long)]
        data: PathBuf,
        /// How many meetings.
        #[arg(long)]
        meetings: u32,
        /// How many people on the list of each.
        #[arg(long)]
        people: u32,
        /// How many meetings in the month after next.
        #[arg(long)]
        month: u32,
        /// How many people on the list of one more meeting, whose door is open.
        #[arg(long)]
        door: u32,
        /// How many people are at one more meeting, which is on.
        #[arg(long)]
        held: u32,
    },
    /// Answers every request with the same bytes.
    Bare {
        /// Where to listen.
        #[arg(long)]
        listen: SocketAddr,
        /// The file with the bytes.
        #[arg(long)]
        body: PathBuf,
        /// Their type.
        #[arg(long)]
        content_type: String,
    },
    /// Looks at a meeting with as many viewers as there are pages.
    Follow {
        /// The meeting.
        #[command(flatten)]
        room: room::Room,
        /// How.
        #[command(flatten)]
        amount: room::Amount,
    },
    /// Votes with as many links as there are pages, everybody twice.
    Vote {
        /// The meeting.
        #[command(flatten)]
        room: room::Room,
    },
    /// Answers what viewers ask without any work.
    BareRoom {
        /// Where to listen.
        #[arg(long)]
        listen: SocketAddr,
        /// The file with the bytes of the notice.
        #[arg(long)]
        notice: PathBuf,
        /// The same for the projector's page.
        #[arg(long)]
        screen: PathBuf,
        /// The same for an own page.
        #[arg(long)]
        own: PathBuf,
        /// The newest change.
        #[arg(long)]
        seen: i64,
    },
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match Command::parse() {
        Command::Fill { data, topics } => Box::pin(fill::fill(&data, topics)).await,
        Command::Meet { data, meetings, people, month, door, held } => {
            Box::pin(meet::meet(&data, meet::Amount { meetings, people, month, door, held })).await
        }
        Command::Bare { listen, body, content_type } => {
            bare(listen, Bytes::from(std::fs::read(body)?), HeaderValue::from_str(&content_type)?).await
        }
        Command::Follow { room, amount } => room::follow(room, amount).await,
        Command::Vote { room } => room::vote(room).await,
        Command::BareRoom { listen, notice, screen, own, seen } => {
            let bytes = |file: PathBuf| std::fs::read(file).map(Bytes::from);
            let pages = room::Pages { notice: bytes(notice)?, screen: bytes(screen)?, own: bytes(own)? };
            room::bare(listen, pages, seen).await
        }
    }
}

/// Serves until it is killed.
async fn bare(listen: SocketAddr, body: Bytes, content_type: HeaderValue) -> Result<(), Box<dyn Error>> {
    let answer = move || {
        let (body, content_type) = (body.clone(), content_type.clone());
        async move { ([(CONTENT_TYPE, content_type)], body) }
    };
    let listener = TcpListener::bind(listen).await?;
    axum::serve(listener, Router::new().fallback(answer)).await?;
    Ok(())
}

/// A line on the terminal.
fn say(words: &str) {
    // That nobody reads it any more is no failure.
    drop(writeln!(std::io::stdout(), "{words}"));
}
