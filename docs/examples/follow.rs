// Prints the new claims of a story with the redis crate (cargo add redis serde_json).
use redis::streams::{StreamReadOptions, StreamReadReply};
use redis::{Commands, RedisResult};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stream = format!("claimwire:{{{}}}:new-claims", std::env::var("STORY")?);
    let mut connection = redis::Client::open(std::env::var("REDIS_URL")?)?.get_connection()?;
    let made: RedisResult<()> = connection.xgroup_create_mkstream(&stream, "rust", "0");
    if let Err(error) = made {
        if error.code() != Some("BUSYGROUP") {
            return Err(error.into());
        }
    }
    let options = StreamReadOptions::default().group("rust", "one").count(10).block(2000);
    let mut after = "0"; // first what was handed out and never acknowledged, then (>) what is new
    loop {
        let read: Option<StreamReadReply> = connection.xread_options(&[&stream], &[after], &options)?;
        let entries: Vec<_> = read.into_iter().flat_map(|r| r.keys).flat_map(|key| key.ids).collect();
        if entries.is_empty() {
            after = ">";
        }
        for entry in entries {
            let (id, data): (Option<String>, Option<String>) = (entry.get("id"), entry.get("data"));
            let event: serde_json::Value = serde_json::from_str(&data.unwrap_or_default())?;
            println!("{} {}", id.unwrap_or_default(), event["claim"]["text"].as_str().unwrap_or_default());
            let _: i64 = connection.xack(&stream, "rust", &[&entry.id])?;
        }
    }
}
