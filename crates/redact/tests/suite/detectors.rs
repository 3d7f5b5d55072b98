//! Tables: a line, and what each detector takes out of it.

use gully_redact::Detector;

use crate::harness::{all, fingerprint, found, only, redacted};

const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl-_x";

/// `detector` finds `expected` in `line`, and nothing else.
#[track_caller]
fn check(detector: Detector, line: &str, expected: &[&str]) {
    let name = detector.name();
    let expected: Vec<_> = expected.iter().map(|text| (name, (*text).to_owned())).collect();
    assert_eq!(found(&only(detector), line.as_bytes()), expected, "{line}");
}

#[test]
fn uaa_tokens() {
    let check = |line: &str, expected: &[&str]| check(Detector::UaaToken, line, expected);
    let line = |details: &str| {
        format!(
            "Audit: TokenIssuedEvent ('[\"a\"]'): principal=x, origin=[client=cf, details=({details})], identityZoneId=[uaa]"
        )
    };
    check(&line("remoteAddress=1.2.3.4, tokenType=bearer, tokenValue=abc123, sub=x"), &["abc123"]);
    check(&line("remoteAddress=1.2.3.4, tokenType=bearertokenValue=abc123"), &["abc123"]);
    check(&line("remoteAddress=1.2.3.4, tokenType=bearertokenValue=<TOKEN>, sub=x"), &[]);
    check(&line("tokenValue=, opaque-token=present"), &[]);
    let secrets = Detector::QuerySecret;
    crate::detectors::check(secrets, &line("tokenValue=, opaque-token=present, sub=x"), &[]);
    crate::detectors::check(secrets, "GET /x?opaque_token=abc&opaqueToken=presents", &["abc", "presents"]);
    check("GET /x?refresh_token=r-1&id_token_hint=x&access_token=a.b HTTP/1.1", &["r-1", "a.b"]);
    check(
        r#"{"access_token":"abc","token_type":"bearer","refreshToken":"d\"ef","id_token":"<TOKEN>"}"#,
        &["abc", r#"d\"ef"#],
    );
}

#[test]
fn jwts() {
    let check = |line: &str, expected: &[&str]| check(Detector::Jwt, line, expected);
    check(&format!("token {JWT}. Then {JWT}"), &[JWT, JWT]);
    check(&format!(r#"{{"log":"{{\"a\":\"{JWT}\"}}\n","stream":"stdout","time":"t"}}"#), &[JWT]);
    check("GET /apis?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ&limit=500", &[]);
    check("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJib2", &["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJib2"]);
}

#[test]
fn authorization() {
    let check = |line: &str, expected: &[&str]| check(Detector::Authorization, line, expected);
    check("sent Authorization: Bearer abc.def, then left", &["abc.def"]);
    check("Proxy-Authorization: basic dXNlcjpwYXNz|Host: x", &["dXNlcjpwYXNz"]);
    check(r#"{"headers":{"authorization":["Bearer abc","x"],"Proxy-Authorization":"Basic dTpw"}}"#, &["abc", "dTpw"]);
    check(r#"{"name":"Authorization","value":"Bearer 0123456789abcdef"}"#, &["0123456789abcdef"]);
    check(
        "CEF:0|CloudFoundry|BOSH|1|director_api|/x|1|cs2=HOST=a&AUTHORIZATION=Basic dTpw&USER_AGENT=b cs2Label=httpHeaders",
        &["dTpw"],
    );
    check(
        r#"{"authorization":["SSWS 00abc1xyz"],"Authorization":"Splunk B5A79AAD-0822A"}"#,
        &["00abc1xyz", "B5A79AAD-0822A"],
    );
    check("Authorization: SharedKey acct:0aF/b=, Authorization: denied 198.51.100.100", &["acct:0aF/b="]);
    check(r#"{"annotations":{"authorization.k8s.io/decision":"allow"},"authorization":"granted"}"#, &[]);
    check("cs1=Basic cs1Label=authType cs5=Not authorized: '/tasks'", &[]);
}

#[test]
fn licence_keys() {
    let check = |line: &str, expected: &[&str]| check(Detector::LicenceKey, line, expected);
    check(r#"{"audit":{"user":{"extra":{"licenseKey":["FHy6-u1","b"],"username":["bob"]}}}}"#, &["FHy6-u1", "b"]);
    check(r#"{"log":"{\"license_key\":\"a\\\"b\"}\n"}"#, &[r#"a\\\"b"#]);
    check(r#"text, then "licenceKey": "abc", and more"#, &["abc"]);
    check(r#"{"licenseKey":["FHy6-u1"#, &["FHy6-u1"]);
}

#[test]
fn kubernetes_secrets() {
    let check = |line: &str, expected: &[&str]| check(Detector::K8sSecret, line, expected);
    let event = |resource: &str, object: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"ResponseComplete","requestURI":"/","verb":"create","objectRef":{{"resource":"{resource}"}},"requestObject":{object}}}"#
        )
    };
    // As written by Go, and as sorted by others.
    check(
        &event(
            "secrets",
            r#"{"kind":"Secret","apiVersion":"v1","data":{"p":"aHVudGVyMg=="},"stringData":{"value":"q"}}"#,
        ),
        &["aHVudGVyMg==", "q"],
    );
    check(
        &event("secrets", r#"{"apiVersion":"v1","data":{"p":"aHVudGVyMg=="},"kind":"Secret","type":"Opaque"}"#),
        &["aHVudGVyMg=="],
    );
    // A merge patch and a JSON patch.
    check(&event("secrets", r#"{"data":{"p":"aHVudGVyMg=="}}"#), &["aHVudGVyMg=="]);
    check(
        &event(
            "secrets",
            r#"[{"op":"replace","path":"/data/p","value":"eA=="},{"op":"add","path":"/metadata/labels","value":"y"}]"#,
        ),
        &["eA=="],
    );
    check(&event("configmaps", r#"[{"op":"replace","path":"/data/p","value":"eA=="}]"#), &[]);
    check(&event("configmaps", r#"{"kind":"ConfigMap","data":{"p":"Secret"}}"#), &[]);
    check(&event("configmaps", r#"{"data":{"secrets":"x"}}"#), &[]);
    // A list, whose items have no kind.
    check(
        &event(
            "secrets",
            r#"{"kind":"SecretList","items":[{"metadata":{"name":"n"},"data":{"a":"eA=="}},{"data":{"b":"eQ=="}}]}"#,
        ),
        &["eA==", "eQ=="],
    );
    // What kubectl leaves behind.
    check(
        &event(
            "secrets",
            r#"{"kind":"Secret","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"p\":\"eA==\"},\"kind\":\"Secret\"}"}}}"#,
        ),
        &["eA=="],
    );
    check(
        &event("tokenreviews", r#"{"kind":"TokenReview","spec":{"token":"opaque"},"status":{"user":{"token":"x"}}}"#),
        &["opaque"],
    );
    check(&event("serviceaccounts", r#"{"kind":"TokenRequest","status":{"token":"opaque"}}"#), &["opaque"]);
    // Cut before it told its kind.
    let whole = event("secrets", r#"{"apiVersion":"v1","data":{"p":"aHVudGVyMg=="},"kind":"Secret","type":"Opaque"}"#);
    let cut = whole.find("MTIz").unwrap_or(whole.find("Mg==").unwrap());
    check(&whole[..cut], &["aHVudGVy"]);
    check(r#"{"kind":"Secret","data":{"tls.key":"a""#, &["a"]);
}

#[test]
fn credhub_values() {
    let check = |line: &str, expected: &[&str]| check(Detector::CredhubValue, line, expected);
    let credhub = |details: &str| {
        format!(
            "CEF:0|cloud_foundry|credhub|2.9|PUT /api/v1/data|PUT /api/v1/data|0|rt=1 suser=a cs6Label=requestDetails cs6={details} "
        )
    };
    check(&credhub(r#"{"name":"/a","type":"password","value":"hunter2"}"#), &["hunter2"]);
    check(&credhub(r#"{"name":"/a","value":{"ca":"x","private_key":"y","n":[1,"z"]}}"#), &["x", "y", "z"]);
    check(&credhub(r#"{"name":"/a","type":"password","mode":null}"#), &[]);
    check(
        r#"{"db_password":"a","value":"b","passwordPolicy":"c","admin":{"clientSecret":"d"},"credentials":{"uri":"e","list":["f"]}}"#,
        &["a", "d", "e", "f"],
    );
    check(r#"{"credentials":"[PRIVATE DATA HIDDEN]","password":""}"#, &[]);
    check(r#"body: {"password": "a b"} and "private_key" : "c""#, &["a b", "c"]);
}

#[test]
fn query_secrets() {
    let check = |line: &str, expected: &[&str]| check(Detector::QuerySecret, line, expected);
    check("GET /oauth/token?grant_type=password&username=bob&password=a%20b&code=c1 HTTP/1.1", &["a%20b", "c1"]);
    check("exit code=1, sig=9; client_secret=abc, password=def", &["abc", "def"]);
    check("password=<redacted>", &[]);
    check("password=[FILTERED]&token=[FILTERED]", &[]);
    check(r#"{"requestURI":"/x?token=abc\u0026a=b"}"#, &["abc"]);
    check(r#"{"requestURI":"/x?a=b\u0026code\u003dxyz"}"#, &["xyz"]);
    check(r#"{"body":"code=abc&grant_type=authorization_code"}"#, &["abc"]);
    check("form user[password]=abc&x=y", &["abc"]);
    check(
        r"CEF:0|cloud_foundry|cloud_controller_ng|2.1|GET /x|GET /x|0|rt=1 request=/x?token\=a\=b\\c&y\=z requestMethod=GET",
        &[r"a\=b\\c"],
    );
}

#[test]
fn private_keys() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let check = |text: &str, expected: &[&str]| check(Detector::PrivateKey, text, expected);
    check(
        &format!(r#"{{"key":"-----BEGIN PRIVATE KEY-----\n{line}\nabc=\n-----END PRIVATE KEY-----\n"}}"#),
        &[&format!(r"{line}\nabc=")],
    );
    check(&format!("-----BEGIN RSA PRIVATE KEY-----#012{line}#012-----END RSA PRIVATE KEY-----"), &[line]);
    check("-----BEGIN PRIVATE KEY-----'): principal=-----END PRIVATE KEY-----, origin=[x]", &[]);
}

#[test]
fn url_passwords() {
    let check = |line: &str, expected: &[&str]| check(Detector::UrlPassword, line, expected);
    check("to redis://:a%40b@host:1/0, https://bob:p@ss@h/x?y=z:a@b", &["a%40b", "p@ss"]);
    check("https://host:8080/a@b mailto:bob@x https://bob@host/", &[]);
    check(r#"{"uri":"mysql:\/\/u:pw@h\/db"}"#, &["pw"]);
}

#[test]
fn cookies() {
    let check = |line: &str, expected: &[&str]| check(Detector::Cookie, line, expected);
    check("Cookie: a=1; JSESSIONID=abc; c=\"d\"", &["1", "abc", "d"]);
    check("Set-Cookie: a=1; Path=/; HttpOnly", &["1"]);
    check(r#"{"cookie":["a=1; b=2"],"Set-Cookie":"c=3; Secure"}"#, &["1", "2", "3"]);
    check("cs2=HOST=a&COOKIE=x=1; y=2&USER_AGENT=b", &["1", "2"]);
    check(r#"cs2=HOST=a&HTTP_COOKIE=x={"a":true}; y=2&USER_AGENT=b"#, &[r#"{"a":true}"#, "2"]);
    check(r#"{"Cookie":["a={\"b\":true}; c=x y; \u00e9=z"]}"#, &[r#"{\"b\":true}"#, "x y", "z"]);
    check(r#"{"Cookie":"granted; none","a":"x; y=z"}"#, &[]);
    check("origin=[remoteAddress=1.2.3.4, sessionId=ABC], x", &["ABC"]);
    check("origin=[remoteAddress=1.2.3.4, sessionId=<SESSION>], x", &[]);
}

#[test]
fn equal_secrets_give_equal_fingerprints_in_every_wrapping() {
    let secret = r#"h"u n\t<er2"#;
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let expected = json_secret(&format!(r#"{{"password":{}}}"#, json(secret)));
    let record = format!(r#"{{"password":{}}}"#, json(secret));
    let docker = format!(r#"{{"log":{},"stream":"stdout","time":"t"}}"#, json(&format!("{record}\n")));
    let twice =
        format!(r#"{{"log":{},"stream":"stdout","time":"t"}}"#, json(&format!(r#"{{"message":{}}}"#, json(&record))));
    for line in [docker, twice, format!("cs6={record} ")] {
        assert_eq!(json_secret(&line), expected, "{line}");
    }
    assert_eq!(json_secret("x?password=h%22u%20n%5Ct%3Cer2&a=b"), expected);
    assert_eq!(json_secret(r#"{"kind":"Secret","data":{"a":"aCJ1IG5cdDxlcjI="}}"#), expected);
    assert_eq!(json_secret(r#"{"kind":"Secret","stringData":{"a":"h\"u n\\t\u003cer2"}}"#), expected);
    assert_eq!(fingerprint("hunter2"), json_secret("Authorization: Bearer hunter2"));
    let form = json_secret("a=1&password=hunter%202%2Bx");
    for line in ["password=hunter%202%2Bx&a=1", "a=1;password=hunter%202%2Bx", "x?password=hunter%202%2Bx"] {
        assert_eq!(json_secret(line), form, "{line}");
    }
    assert_eq!(json_secret(r#"{"password":"hunter 2+x"}"#), form);
    assert_eq!(json_secret("hunter: password=a+b"), json_secret(r#"{"password":"a+b"}"#), "no form");
}

/// The one fingerprint in `line` after redaction.
fn json_secret(line: &str) -> String {
    let redacted = String::from_utf8(redacted(all(), line.as_bytes())).unwrap();
    let at = redacted.find("hmac-sha256:").unwrap_or_else(|| panic!("nothing was found in {line}"));
    assert_eq!(redacted.matches("hmac-sha256:").count(), 1, "{redacted}");
    redacted[at..at + 44].to_owned()
}

#[test]
fn a_key_does_not_show() {
    let shown = format!("{:?}", all());
    assert!(shown.contains("Detectors") && !shown.contains("0123456789") && !shown.contains("48, 49"), "{shown}");
}
