//! Stories: the register of a town and year, on both engines.

use chrono::{Datelike, TimeDelta};

use super::sheet::{Cell, Sheet};
use super::store::of_sheet;
use super::{Scope, granted, note_export, rows, scope};
use crate::access::Actor;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::evaluation::testing::closed;
use crate::ledger::{self, Stream};
use crate::rules::ResultClass;
use crate::storage::Database;
use crate::storage::testing::each_engine;
use crate::topic::testing::{TOWN, World};

fn as_actor(world: &World, actor: &Actor) -> Ctx {
    world.ctx.acting_as(actor.clone())
}

/// All rows of a sheet, in pages of this size.
async fn all(db: &Database, sheet: Sheet, scope: &Scope, page: i64) -> Vec<Vec<Cell>> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (some, next) = of_sheet(db, sheet, scope, after, page).await.unwrap();
        all.extend(some);
        let Some(next) = next else { return all };
        after = Some(next);
    }
}

fn phone_of(row: &[Cell]) -> &Cell {
    let at = Sheet::Topics.columns().iter().position(|column| column.words == "电话").unwrap();
    &row[at]
}

#[tokio::test]
async fn every_sheet_fills_its_columns_and_no_row_is_lost_between_pages() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        closed(&world, ResultClass::Solved).await;
        world.submitted("镇东五区晚上停车难").await;
        crate::carrier::testing::a_day_at_the_studio(&world).await;
        let officer = as_actor(&world, &world.officer);
        let own = scope(&officer, TOWN, "").await.unwrap();
        for sheet in Sheet::ALL.iter().copied() {
            let (whole, next) = rows(&db, sheet, &own, None).await.unwrap();
            assert!(next.is_none(), "{sheet:?}");
            assert_eq!(all(&db, sheet, &own, 1).await, whole, "{sheet:?}");
            let may_be_empty = sheet == Sheet::Reopenings;
            assert!(!whole.is_empty() || may_be_empty, "{sheet:?} is empty");
            for row in &whole {
                assert_eq!(row.len(), sheet.columns().len(), "{sheet:?}");
                for (cell, column) in row.iter().zip(sheet.columns()) {
                    assert!(cell.fits(column.kind), "{sheet:?} {}: {cell:?}", column.words);
                }
            }
        }
        assert_eq!(all(&db, Sheet::Topics, &own, 1).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn another_town_and_another_year_have_sheets_of_their_own() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        world.submitted("镇东五区晚上停车难").await;
        let stranger = as_actor(&world, &world.stranger);
        assert!(matches!(scope(&stranger, TOWN, "").await, Err(Refusal::NotFound)));
        let other = scope(&stranger, "", "").await.unwrap();
        assert_eq!(other.town(), Some("zhenze"));
        assert!(all(&db, Sheet::Topics, &other, 10).await.is_empty());

        let officer = as_actor(&world, &world.officer);
        let next_year = (officer.today().year() + 1).to_string();
        let later = scope(&officer, TOWN, &next_year).await.unwrap();
        assert!(all(&db, Sheet::Topics, &later, 10).await.is_empty());
        assert!(matches!(scope(&officer, TOWN, "今年").await, Err(Refusal::Invalid(_))));

        let district = as_actor(&world, &world.district);
        let everywhere = scope(&district, "", "").await.unwrap();
        assert_eq!(everywhere.town(), None);
        assert_eq!(all(&db, Sheet::Topics, &everywhere, 10).await.len(), 1);
        assert!(matches!(scope(&world.ctx, "", "").await, Err(Refusal::NotSignedIn)));
    })
    .await;
}

#[tokio::test]
async fn phones_are_whole_only_with_a_purpose_on_record() {
    each_engine(|db| async move {
        let world = World::new(&db).await;
        world.submitted("镇东五区晚上停车难").await;
        let officer = as_actor(&world, &world.officer);
        let masked = scope(&officer, TOWN, "").await.unwrap();
        assert_eq!(phone_of(&all(&db, Sheet::Topics, &masked, 10).await[0]), &Cell::text("138****5678"));

        for purpose in ["", "年底给王小明回访"] {
            assert!(matches!(note_export(&officer, &masked, purpose).await, Err(Refusal::Invalid(_))), "{purpose}");
        }
        for other in [&world.approver, &world.district] {
            let ctx = as_actor(&world, other);
            let scope = scope(&ctx, TOWN, "").await.unwrap();
            assert!(matches!(note_export(&ctx, &scope, "call_back").await, Err(Refusal::Forbidden { .. })));
        }
        let token = note_export(&officer, &masked, "call_back").await.unwrap();
        let whole = granted(&officer, masked.clone(), &token).unwrap();
        assert_eq!(phone_of(&all(&db, Sheet::Topics, &whole, 10).await[0]), &Cell::text("13812345678"));

        let stream = Stream::Town(TOWN.to_owned()).name();
        let entries = ledger::entries(&db, &stream, i64::MAX, 100).await.unwrap();
        let exports: Vec<_> = entries.iter().filter(|entry| entry.body.contains("export_register")).collect();
        assert_eq!(exports.len(), 1);
        assert!(exports[0].body.contains("\"purpose\":\"call_back\""), "{}", exports[0].body);
        assert_eq!(ledger::verify(&db, None).await.unwrap().broken, None);
        // It is this person's, of this year, and for some minutes.
        let gone = |ctx: &Ctx, scope: Scope| matches!(granted(ctx, scope, &token), Err(Refusal::Gone(_)));
        assert!(gone(&as_actor(&world, &world.director), masked.clone()));
        assert!(gone(&officer, scope(&officer, TOWN, "2025").await.unwrap()));
        assert!(matches!(granted(&officer, masked.clone(), "x"), Err(Refusal::Gone(_))));
        world.ctx.clock.set(world.ctx.now() + TimeDelta::minutes(9));
        assert!(granted(&as_actor(&world, &world.officer), masked.clone(), &token).is_ok());
        world.ctx.clock.set(world.ctx.now() + TimeDelta::minutes(20));
        assert!(gone(&as_actor(&world, &world.officer), masked));
    })
    .await;
}
