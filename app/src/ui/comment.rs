//! What people say about a topic, and what they are answered: one level of replies.

use leptos::prelude::*;

use super::Way;

/// One comment, as the public reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommentItem {
    /// Name for links into the page.
    pub id: String,
    /// 「居民 王**」, or the office that answers.
    pub author: String,
    /// 「11月15日」; empty where it is nobody's business.
    pub date: String,
    /// A word in a small tag: 「代录」.
    pub tag: Option<String>,
    /// The text, never HTML.
    pub text: String,
    /// Answers, oldest first; their own replies are not shown.
    pub replies: Vec<CommentItem>,
    /// What a reader can do with it: answer, report.
    pub ways: Vec<Way>,
}

/// The comments of a topic.
#[component]
pub fn Comments(
    /// The comments, in the order of reading.
    items: Vec<CommentItem>,
) -> impl IntoView {
    let rows = items
        .into_iter()
        .map(|mut item| {
            let replies = std::mem::take(&mut item.replies);
            let replies = (!replies.is_empty()).then(|| {
                let list = replies
                    .into_iter()
                    .map(|reply| {
                        let id = named(&reply.id);
                        view! { <li id=id>{comment(reply)}</li> }
                    })
                    .collect_view();
                view! { <ul class="replies">{list}</ul> }
            });
            let id = named(&item.id);
            view! { <li id=id>{comment(item)}{replies}</li> }
        })
        .collect_view();
    view! { <ul class="comments">{rows}</ul> }
}

fn named(id: &str) -> Option<String> {
    (!id.is_empty()).then(|| id.to_owned())
}

fn comment(item: CommentItem) -> impl IntoView {
    let author = item.author.clone();
    let ways = (!item.ways.is_empty()).then(|| {
        let links = item
            .ways
            .into_iter()
            .map(|way| {
                view! { <a class="link" href=way.href>{way.words}<span class="sr">"："{author.clone()}</span></a> }
            })
            .collect_view();
        view! { <p class="comment-acts">{links}</p> }
    });
    view! {
        <p class="comment-head">
            <b>{item.author}</b>
            {(!item.date.is_empty()).then(|| view! { <span>{item.date}</span> })}
            {item.tag.map(|word| view! { <span class="tag">{word}</span> })}
        </p>
        <p class="comment-text">{item.text}</p>
        {ways}
    }
}
