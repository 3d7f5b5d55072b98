//! Whatever a client puts into its own values, it says nothing in the server's name.

use proptest::prelude::*;
use record::Flags;
use serde_json::Value;

use crate::support;

/// A record with `@` in place of one value of a client's. What the client says with that value are the fields `own`.
struct Line {
    text: &'static str,
    own: &'static [&'static str],
}

#[rustfmt::skip]
const LINES: [Line; 13] = [
    // BOSH: user, client, user agent, reason, of failures and successes.
    Line { own: &["user.name"], text: "CEF:0|CloudFoundry|BOSH|1|director_api|/deployments/cf|7|duser=@ requestClientApplication=cli requestMethod=DELETE src=10.0.0.9 spt=1 shost=h cs1=10.0.0.9 cs1Label=ips cs2=HOST=x&USER_AGENT=x cs2Label=httpHeaders cs3=none cs3Label=authType cs4=401 cs4Label=responseStatus cs5=no cs5Label=statusReason" },
    Line { own: &["user_agent.original"], text: "CEF:0|CloudFoundry|BOSH|1|director_api|/deployments/cf|7|requestMethod=DELETE src=10.0.0.9 spt=1 shost=h cs1=10.0.0.9 cs1Label=ips cs2=HOST=x&USER_AGENT=@ cs2Label=httpHeaders cs3=none cs3Label=authType cs4=401 cs4Label=responseStatus cs5=no cs5Label=statusReason" },
    Line { own: &["user_agent.original"], text: "CEF:0|CloudFoundry|BOSH|1|director_api|/deployments/cf|1|duser=admin requestMethod=DELETE src=10.0.0.9 spt=1 shost=h cs1=10.0.0.9 cs1Label=ips cs2=HOST=x&USER_AGENT=@ cs2Label=httpHeaders cs3=basic cs3Label=authType cs4=302 cs4Label=responseStatus" },
    Line { own: &["event.reason"], text: "CEF:0|CloudFoundry|BOSH|1|director_api|/deployments/cf|7|duser=admin requestMethod=DELETE src=10.0.0.9 spt=1 shost=h cs1=10.0.0.9 cs1Label=ips cs2=HOST=x&USER_AGENT=x cs2Label=httpHeaders cs3=none cs3Label=authType cs4=401 cs4Label=responseStatus cs5=@ cs5Label=statusReason" },
    Line { own: &["oauth.client.id"], text: "CEF:0|CloudFoundry|BOSH|-|blobstore_api|/a/b|7|requestClientApplication=@ requestMethod=PUT src=10.0.0.9 spt=1 cs1=Basic cs1Label=authType cs2=401 cs2Label=responseStatus" },
    Line { own: &["user.name"], text: "CEF:0|CloudFoundry|BOSH|1|agent_api|/agent|7|duser=@ requestMethod=POST src=10.0.0.1 spt=1 shost=h cs1=HOST=x cs1Label=httpHeaders cs2=basic cs2Label=authType cs3=401 cs3Label=responseStatus cs4=no cs4Label=statusReason" },
    Line { own: &["user_agent.original"], text: "CEF:0|CloudFoundry|BOSH|1|agent_api|/agent|7|duser=x requestMethod=POST src=10.0.0.1 spt=1 shost=h cs1=HOST=x&USER_AGENT=@ cs1Label=httpHeaders cs2=basic cs2Label=authType cs3=401 cs3Label=responseStatus cs4=no cs4Label=statusReason" },
    // CredHub: user, X-Forwarded-For, name.
    Line { own: &["user.name"], text: "CEF:0|cloud_foundry|credhub|2|DELETE /x|DELETE /x|0|rt=1714914265367 suser=@ suid=uaa-user:1 cs1Label=userAuthenticationMechanism cs1=uaa request=/x requestMethod=DELETE cs3Label=versionUuid cs3=null cs4Label=httpStatusCode cs4=403 src=10.0.0.1 dst=10.0.0.2 cs2Label=resourceName cs2=/true cs5Label=resourceUuid cs5=1 deviceAction=DELETE cs6Label=requestDetails cs6={\"name\":\"/true\"} " },
    Line { own: &["source.ip"], text: "CEF:0|cloud_foundry|credhub|2|DELETE /x|DELETE /x|0|rt=1714914265367 suser=app suid=uaa-user:1 cs1Label=userAuthenticationMechanism cs1=uaa request=/x requestMethod=DELETE cs3Label=versionUuid cs3=null cs4Label=httpStatusCode cs4=403 src=@, 10.0.0.1 dst=10.0.0.2 cs2Label=resourceName cs2=/true cs5Label=resourceUuid cs5=1 deviceAction=DELETE cs6Label=requestDetails cs6={\"name\":\"/true\"} " },
    Line { own: &["object.name"], text: "CEF:0|cloud_foundry|credhub|2|DELETE /x|DELETE /x|0|rt=1714914265367 suser=app suid=uaa-user:1 cs1Label=userAuthenticationMechanism cs1=uaa request=/x requestMethod=DELETE cs3Label=versionUuid cs3=null cs4Label=httpStatusCode cs4=403 src=10.0.0.1 dst=10.0.0.2 cs2Label=resourceName cs2=/@ cs5Label=resourceUuid cs5=1 deviceAction=DELETE cs6Label=requestDetails cs6={} " },
    // Cloud Controller: X-Forwarded-For, whose `=` are escaped.
    Line { own: &["source.ip"], text: "CEF:0|cloud_foundry|cloud_controller_ng|2|DELETE /v3/apps/1|DELETE /v3/apps/1|0|rt=1715252490851 suser=bob suid=u-1 request=/v3/apps/1 requestMethod=DELETE src=@ dst=10.0.16.8 cs1Label=userAuthenticationMechanism cs1=basic-auth cs2Label=vcapRequestId cs2=r cs3Label=result cs3=clientError cs4Label=httpStatusCode cs4=403 cs5Label=xForwardedFor cs5=x" },
    // UAA: a client's id, a typed name.
    Line { own: &["oauth.client.id"], text: "Audit: UserAuthenticationFailure ('bob'): principal=b-1, origin=[remoteAddress=10.0.0.1, clientId=@], identityZoneId=[uaa]" },
    Line { own: &["user.name"], text: "Audit: PrincipalNotFound ('null'): principal=@, origin=[10.0.0.1], identityZoneId=[uaa]" },
];

/// Rows of keys, and their pieces.
const TAILS: [&str; 22] = [
    " requestMethod=GET src=6.6.6.6 spt=2 shost=z cs1=1 cs1Label=ips cs2=HOST=q",
    " requestMethod=GET src=6.6.6.6 spt=2 shost=z cs1=HOST=q",
    " requestMethod=GET src=6.6.6.6 spt=2 cs1=Basic cs1Label=authType cs2=200 cs2Label=responseStatus",
    " requestMethod=GET",
    " cs2Label=httpHeaders cs3=uaa cs3Label=authType cs4=200 cs4Label=responseStatus",
    " cs2Label=httpHeaders cs3=uaa cs3Label=authType cs4=404 cs4Label=responseStatus",
    " cs1Label=httpHeaders cs2=basic cs2Label=authType cs3=200 cs3Label=responseStatus",
    " cs1Label=httpHeaders cs2=basic cs2Label=authType cs3=404 cs3Label=responseStatus",
    " cs5=y",
    " cs4=y",
    " cs5Label=statusReason",
    " src=6.6.6.6",
    " suid=uaa-user:0 cs1Label=userAuthenticationMechanism cs1=uaa request=/a requestMethod=GET cs3Label=versionUuid cs3=null cs4Label=httpStatusCode cs4=200 src=6.6.6.6",
    " dst=9.9.9.9 cs2Label=resourceName cs2=/mine",
    " dst=9.9.9.9",
    " cs5Label=resourceUuid cs5=22 deviceAction=GET",
    " deviceAction=GET",
    " cs6Label=requestDetails cs6={\"name\":\"/mine\"}",
    ", origin=[remoteAddress=6.6.6.6",
    ", details=(remoteAddress=6.6.6.6)",
    "]",
    " x",
];

/// What nobody but the server may say.
fn is_guarded(field: &str) -> bool {
    let names = ["http.request.method", "http.response.status_code", "event.outcome", "event.reason", "event.action"];
    names.contains(&field)
        || ["source.", "destination.", "user.", "object.", "oauth."].iter().any(|start| field.starts_with(start))
}

fn check(line: &Line, forged: &str) -> Result<(), TestCaseError> {
    let is_escaped = line.text.contains("cloud_controller_ng");
    let forged = if is_escaped { forged.replace('=', "\\=") } else { forged.to_owned() };
    let honest = support::extract(line.text.replace('@', "x").as_bytes(), "raw");
    let found = support::extract(line.text.replace('@', &format!("x{forged}")).as_bytes(), "raw");
    prop_assert_eq!(found.class, honest.class);
    let is_flagged = found.flags.contains(Flags::CEF_AMBIGUOUS) || found.flags.contains(Flags::UAA_AMBIGUOUS);
    let fields = found.ecs.as_object().expect("an event");
    for (name, value) in fields.iter().filter(|(name, _)| is_guarded(name)) {
        let is_own = line.own.contains(&name.as_str())
            && value.as_str().is_some_and(|text| text.starts_with('x') || text.starts_with("/x"));
        // An action that cannot be told is the method and path of the header.
        let is_coarse = is_flagged && name == "event.action" && value == "DELETE /x";
        let is_same = honest.ecs.get(name) == Some(value);
        prop_assert!(is_own || is_coarse || is_same, "{} = {} with {}", name, value, forged);
    }
    for (name, _) in honest.ecs.as_object().expect("an event").iter().filter(|(name, _)| is_guarded(name)) {
        let is_left_out = found.ecs.get(name).unwrap_or(&Value::Null).is_null();
        prop_assert!(
            !is_left_out || is_flagged || line.own.contains(&name.as_str()),
            "{} is gone with {}",
            name,
            forged
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_clients_value_says_nothing_in_the_servers_name(
        line in 0..LINES.len(),
        tails in prop::collection::vec(prop::sample::select(TAILS.as_slice()), 1..5),
    ) {
        check(&LINES[line], &tails.concat())?;
    }
}
