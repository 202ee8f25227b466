//! Names and texts of the example team.

use fasttrack_domain::{
    membership::GrantedRole::{self, Commenter, Editor, Viewer},
    user::Role,
};

/// Someone of the team.
pub struct TeamMember {
    pub email: &'static str,
    pub name: &'static str,
    pub role: Role,
}

const fn of_team(email: &'static str, name: &'static str, role: Role) -> TeamMember {
    TeamMember { email, name, role }
}

pub const TEAM: [TeamMember; 8] = [
    of_team("amina@example.org", "Amina Diallo", Role::Admin),
    of_team("ben@example.org", "Ben Carter", Role::User),
    of_team("chiara@example.org", "Chiara Rossi", Role::User),
    of_team("daniel@example.org", "Daniel Kim", Role::User),
    of_team("elif@example.org", "Elif Kaya", Role::User),
    of_team("farid@example.org", "Farid Haddad", Role::User),
    of_team("grace@example.org", "Grace Mwangi", Role::User),
    of_team("hanna@example.org", "Hanna Schmidt", Role::User),
];

/// A project whose task titles are a verb, an object and an occasion.
pub struct ProjectPlan {
    pub name: &'static str,
    pub description: &'static str,
    /// Index of the owner in [`TEAM`].
    pub owner: usize,
    /// Index of everybody whom it is shared with.
    pub members: &'static [(usize, GrantedRole)],
    pub tasks: usize,
    pub verbs: &'static [&'static str],
    pub objects: &'static [&'static str],
    pub occasions: &'static [&'static str],
}

impl ProjectPlan {
    /// The index of everybody who gets tasks: all but the viewers.
    pub fn assignees(&self) -> Vec<usize> {
        let working = self.members.iter().filter(|(_, role)| *role != Viewer);
        [self.owner].into_iter().chain(working.map(|(index, _)| *index)).collect()
    }
}

/// 2,000 tasks in all.
pub const PROJECTS: [ProjectPlan; 6] = [
    ProjectPlan {
        name: "Website relaunch",
        description: "New design and new texts, online before the trade fair.",
        owner: 1,
        members: &[(2, Editor), (3, Editor), (6, Commenter), (7, Viewer)],
        tasks: 520,
        verbs: &["Draft", "Review", "Redesign", "Translate", "Test", "Publish", "Illustrate", "Shorten"],
        objects: &[
            "the start page",
            "the price list",
            "the contact form",
            "the careers page",
            "the product tour",
            "the imprint",
            "the customer stories",
            "the search results",
            "the newsletter form",
        ],
        occasions: &["", " for mobile", " for the trade fair", " in French", " in German", " with screen readers"],
    },
    ProjectPlan {
        name: "Mobile app",
        description: "The app for iOS and Android, and what it needs of the server.",
        owner: 3,
        members: &[(1, Editor), (5, Editor), (4, Commenter), (2, Viewer)],
        tasks: 460,
        verbs: &["Implement", "Fix", "Profile", "Test", "Document", "Simplify", "Review"],
        objects: &[
            "offline mode",
            "push notifications",
            "the login screen",
            "photo upload",
            "the calendar view",
            "dark mode",
            "deep links",
            "the onboarding",
            "crash reports",
        ],
        occasions: &["", " on Android", " on iOS", " on tablets", " for version 2.1", " behind a flag"],
    },
    ProjectPlan {
        name: "Customer support",
        description: "Questions that came by mail and phone, and what follows from them.",
        owner: 4,
        members: &[(5, Editor), (6, Editor), (3, Commenter), (1, Viewer)],
        tasks: 400,
        verbs: &["Answer", "Reproduce", "Escalate", "Follow up on", "Close", "Summarize"],
        objects: &[
            "the refund request",
            "the login problem",
            "the wrong invoice",
            "the feature request",
            "the slow export",
            "the data deletion request",
            "the delivery complaint",
        ],
        occasions: &[
            "",
            " of Nordwind Ltd",
            " of the city library",
            " of Baker & Sons",
            " of a trial user",
            " from Monday",
        ],
    },
    ProjectPlan {
        name: "Office move",
        description: "From Harbour Street to the old mill, without a day of closed doors.",
        owner: 7,
        members: &[(0, Editor), (6, Editor), (2, Commenter), (4, Viewer)],
        tasks: 220,
        verbs: &["Order", "Pack", "Label", "Inspect", "Cancel", "Negotiate"],
        objects: &[
            "the desks",
            "the server rack",
            "the internet line",
            "the archive",
            "the meeting rooms",
            "the kitchen",
        ],
        occasions: &["", " for the ground floor", " for the first floor", " before the handover", " with the landlord"],
    },
    ProjectPlan {
        name: "Annual audit",
        description: "What the auditors ask for, and who delivers it.",
        owner: 0,
        members: &[(7, Editor), (5, Commenter), (1, Viewer)],
        tasks: 240,
        verbs: &["Collect", "Check", "Sign", "Archive", "Explain", "Correct"],
        objects: &[
            "the travel receipts",
            "the bank statements",
            "the contracts",
            "the payroll reports",
            "the inventory",
            "the access logs",
        ],
        occasions: &["", " of the first quarter", " of the second quarter", " of the third quarter", " of last year"],
    },
    ProjectPlan {
        name: "Summer party",
        description: "Forty guests, one barbecue, and a plan for rain.",
        owner: 6,
        members: &[(2, Editor), (4, Editor), (5, Editor), (1, Commenter), (3, Commenter), (7, Commenter), (0, Viewer)],
        tasks: 160,
        verbs: &["Book", "Buy", "Ask about", "Set up", "Pay", "Return"],
        objects: &[
            "the tents",
            "the music",
            "the vegetarian food",
            "the drinks",
            "the games for children",
            "the benches",
        ],
        occasions: &["", " for Saturday", " in case of rain", " from the usual place", " with a deposit"],
    },
];

pub const COMMENTS: [&str; 12] = [
    "I have started on this. First result tomorrow.",
    "Who can tell me where the former version is?",
    "Waiting for an answer from outside; asked again today.",
    "Done as discussed. Please have a look.",
    "Looks good to me.",
    "This took longer than planned, sorry.",
    "Can we postpone this by a week?",
    "I think this is a duplicate. Let us compare on Thursday.",
    "The numbers don't match yet. See the sheet.",
    "Thanks, that helped!",
    "I need a decision here before I go on.",
    "Tested on my machine; works.",
];

/// Of one in four tasks.
pub const DESCRIPTION: &str = "Details are in the shared folder. Ask the owner of the project if anything is missing.";
