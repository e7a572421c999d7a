//! What a town and a consultation room are. Pure.

use crate::ids::RoomId;

macro_rules! kinds {
    ($(#[$enum_doc:meta])* $Enum:ident { $($(#[$doc:meta])* $name:ident $code:literal $word:literal,)* }) => {
        $(#[$enum_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $Enum { $($(#[$doc])* $name,)* }

        impl $Enum {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code that is stored.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The word on screen.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The kind of a stored code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.code() == code)
            }
        }
    };
}

kinds! {
    /// What kind of area a town is.
    TownKind {
        /// 镇.
        Town "town" "镇",
        /// 街道.
        Subdistrict "subdistrict" "街道",
        /// 开发区, 高新区.
        DevZone "dev_zone" "开发区",
        /// 度假区.
        Resort "resort" "度假区",
    }
}

kinds! {
    /// Whose a consultation room is.
    RoomLevel {
        /// The town's room.
        Town "town" "镇（街道）议事室",
        /// A village's or community's.
        Village "village" "村（社区）议事点",
        /// In the open.
        Outdoor "outdoor" "户外议事点",
    }
}

/// A town or subdistrict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Town {
    /// Its code, in pinyin; stands in addresses.
    pub town_id: String,
    /// Its full name, with the zone that it doubles as: 「盛泽镇（吴江高新区）」.
    pub name: String,
    /// The name in lists: 「盛泽镇」.
    pub short_name: String,
    /// What it is.
    pub kind: TownKind,
}

/// A consultation room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its id.
    pub room_id: RoomId,
    /// Its town's code.
    pub town_id: String,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub level: RoomLevel,
    /// Where it is.
    pub address: String,
    /// How many people it holds.
    pub capacity: i64,
}

/// A room of the built-in list.
pub(super) struct BuiltinRoom {
    pub name: &'static str,
    pub level: RoomLevel,
    pub address: &'static str,
    pub capacity: i64,
}

/// A town of the built-in list.
pub(super) struct BuiltinTown {
    pub town_id: &'static str,
    pub name: &'static str,
    pub short_name: &'static str,
    pub kind: TownKind,
    pub rooms: &'static [BuiltinRoom],
}

const fn hall(name: &'static str, address: &'static str) -> BuiltinRoom {
    BuiltinRoom { name, level: RoomLevel::Town, address, capacity: 40 }
}

const fn village(name: &'static str, address: &'static str) -> BuiltinRoom {
    BuiltinRoom { name, level: RoomLevel::Village, address, capacity: 20 }
}

const fn outdoor(name: &'static str, address: &'static str) -> BuiltinRoom {
    BuiltinRoom { name, level: RoomLevel::Outdoor, address, capacity: 60 }
}

const fn town(
    town_id: &'static str,
    short_name: &'static str,
    name: &'static str,
    kind: TownKind,
    rooms: &'static [BuiltinRoom],
) -> BuiltinTown {
    BuiltinTown { town_id, name, short_name, kind, rooms }
}

/// The eleven areas of Wujiang (`domain.md` section 5), each with its rooms. Names of places are real; which room
/// stands where is to be set right by the town.
pub(super) static BUILTIN: [BuiltinTown; 11] = [
    town(
        "songling",
        "松陵街道",
        "松陵街道（东太湖度假区）",
        TownKind::Subdistrict,
        &[
            hall("松陵街道协商议事室", "松陵街道办事处一楼"),
            village("鲈乡二村社区议事点", "鲈乡二村社区党群服务中心"),
            outdoor("苏州湾文体广场议事点", "苏州湾体育中心东广场"),
        ],
    ),
    town(
        "jiangling",
        "江陵街道",
        "江陵街道（吴江开发区）",
        TownKind::Subdistrict,
        &[
            hall("江陵街道协商议事室", "江陵街道办事处二楼"),
            village("屯溪社区议事点", "屯溪新村党群服务站"),
            village("叶泽湖社区议事点", "叶泽湖花苑社区用房"),
        ],
    ),
    town(
        "hengshan",
        "横扇街道",
        "横扇街道",
        TownKind::Subdistrict,
        &[hall("横扇街道协商议事室", "横扇街道便民服务中心"), village("横扇电商园议事点", "横扇电商产业园会议室")],
    ),
    town(
        "bache",
        "八坼街道",
        "八坼街道",
        TownKind::Subdistrict,
        &[hall("八坼街道协商议事室", "八坼街道办事处一楼"), village("禽蛋市场议事点", "禽蛋市场管理用房")],
    ),
    town(
        "lili",
        "黎里镇",
        "黎里镇（汾湖高新区）",
        TownKind::Town,
        &[
            hall("黎里镇协商议事室", "黎里镇便民服务中心三楼"),
            village("黎里古镇社区议事点", "黎里古镇社区居委会"),
            outdoor("黎里老街廊棚议事点", "黎里古镇廊棚"),
        ],
    ),
    town(
        "shengze",
        "盛泽镇",
        "盛泽镇（吴江高新区）",
        TownKind::Town,
        &[
            hall("盛泽镇协商议事室", "盛泽镇便民服务中心二楼"),
            village("镇东社区议事点", "镇东五区社区用房"),
            village("坛小新村议事点", "坛小新村党群服务站"),
            village("北麻漾沿湖村议事点", "北麻漾沿湖村村委会"),
        ],
    ),
    town(
        "qidu",
        "七都镇",
        "七都镇",
        TownKind::Town,
        &[hall("七都镇协商议事室", "七都镇人民政府一楼"), village("沿湖社区议事点", "七都镇沿湖社区居委会")],
    ),
    town(
        "taoyuan",
        "桃源镇",
        "桃源镇",
        TownKind::Town,
        &[
            hall("桃源镇协商议事室", "桃源镇人民政府二楼"),
            outdoor("灶家浜“小板凳”协商议事广场", "灶家浜村口广场"),
            village("灶家浜村议事点", "灶家浜村党群服务中心"),
        ],
    ),
    town(
        "zhenze",
        "震泽镇",
        "震泽镇",
        TownKind::Town,
        &[hall("震泽镇协商议事室", "震泽镇便民服务中心"), village("师俭堂社区议事点", "师俭堂旁社区用房")],
    ),
    town(
        "pingwang",
        "平望镇",
        "平望镇",
        TownKind::Town,
        &[
            hall("平望镇协商议事室", "平望镇人民政府一楼"),
            village("水韵名家议事点", "水韵名家南区物业用房"),
            outdoor("运河步道议事点", "平望运河步道入口"),
        ],
    ),
    town(
        "tongli",
        "同里镇",
        "同里镇",
        TownKind::Town,
        &[hall("同里镇协商议事室", "同里镇便民服务中心"), village("同里古镇社区议事点", "同里古镇社区居委会")],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_eleven_areas_each_with_its_rooms() {
        let ids: BTreeSet<&str> = BUILTIN.iter().map(|t| t.town_id).collect();
        assert_eq!(ids.len(), 11);
        let mut rooms = BTreeSet::new();
        for town in &BUILTIN {
            assert!((2..=4).contains(&town.rooms.len()), "{}", town.name);
            assert_eq!(town.rooms.iter().filter(|r| r.level == RoomLevel::Town).count(), 1, "{}", town.name);
            assert!(town.name.starts_with(town.short_name));
            for room in town.rooms {
                assert!(rooms.insert(room.name), "{}", room.name);
            }
        }
    }
}
