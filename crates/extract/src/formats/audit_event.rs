//! Cloud Controller audit events, v2 and v3, single and pages.

mod event;
mod types;

use event::Event;

use crate::json::{Kind, Scanner};
use crate::message::Body;
use crate::out::Out;

pub(crate) fn extract(body: &Body<'_>, out: &mut Out<'_>) {
    let mut scanner = Scanner::new(body.text);
    let (event, end) = Event::read(&mut scanner, out);
    match event.resources.clone() {
        // An event that has such a member, too, is an event.
        Some(mut resources) if !event.is_one => {
            let events = page(&mut resources, out);
            out.json_end(events, &mut resources);
        }
        _ => event.report(out),
    }
    out.json_end(end, &mut scanner);
}

fn page(resources: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
    out.begin_batch();
    let end = resources.elements(|resource| {
        if resource.kind()? != Kind::Object {
            return resource.skip().map(drop);
        }
        out.begin_event();
        let (event, end) = Event::read(resource, out);
        event.report(out);
        out.end_event();
        end
    });
    out.end_batch();
    end
}
