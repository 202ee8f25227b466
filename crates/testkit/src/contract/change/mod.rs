//! The change feed, as its readers follow it.

mod access;
mod changes;
mod deleted;
mod foreign;
mod limits;
mod listing;
mod positions;
mod shared;

pub use shared::Ports;

use access::{
    a_deleted_project_is_one_change_for_its_members, a_gained_project_is_listed_and_a_lost_one_is_one_change,
    a_lost_project_ends_its_listing, a_project_lost_and_gained_again_is_both,
    a_transfer_shows_both_owners_the_project_anew, another_role_puts_project_and_member,
};
use changes::{
    a_page_goes_on_where_the_former_ended, each_thing_is_put_once_at_its_latest, every_kind_is_put_as_it_is,
};
use deleted::{
    a_deleted_task_stands_for_its_comments, deleted_things_of_every_kind_are_shown,
    what_was_deleted_meanwhile_goes_after_a_return,
};
use foreign::{
    a_comment_deleted_between_assignments_is_shown, a_foreign_task_comes_and_goes_with_its_assignment,
    changes_of_a_foreign_task_are_shown,
};
use limits::{
    a_limited_reach_shows_its_projects_alone, long_texts_come_in_more_pages, many_gained_projects_come_in_pages,
    many_tasks_of_foreign_projects_come_in_pages, who_sees_all_has_every_project,
};
use listing::{
    comments_behind_many_tasks_without_any_are_listed, everything_is_listed_in_order,
    many_projects_are_listed_in_pages, what_changes_during_a_listing_follows_it,
};
use positions::{
    a_forged_position_shows_nothing_else, a_pruned_position_has_expired, a_quiet_feed_stays_where_it_is,
    an_unreached_position_has_expired, news_name_whom_a_change_matters_to, numbers_ascend_with_every_change,
};

contract! { $
    change { users, projects, members, tasks, labels, comments, outbox, changes }
    everything_is_listed_in_order,
    what_changes_during_a_listing_follows_it,
    many_projects_are_listed_in_pages,
    comments_behind_many_tasks_without_any_are_listed,
    every_kind_is_put_as_it_is,
    each_thing_is_put_once_at_its_latest,
    a_page_goes_on_where_the_former_ended,
    deleted_things_of_every_kind_are_shown,
    a_deleted_task_stands_for_its_comments,
    what_was_deleted_meanwhile_goes_after_a_return,
    a_gained_project_is_listed_and_a_lost_one_is_one_change,
    a_lost_project_ends_its_listing,
    a_project_lost_and_gained_again_is_both,
    a_deleted_project_is_one_change_for_its_members,
    another_role_puts_project_and_member,
    a_transfer_shows_both_owners_the_project_anew,
    a_foreign_task_comes_and_goes_with_its_assignment,
    changes_of_a_foreign_task_are_shown,
    a_comment_deleted_between_assignments_is_shown,
    who_sees_all_has_every_project,
    a_limited_reach_shows_its_projects_alone,
    many_gained_projects_come_in_pages,
    many_tasks_of_foreign_projects_come_in_pages,
    long_texts_come_in_more_pages,
    numbers_ascend_with_every_change,
    news_name_whom_a_change_matters_to,
    a_quiet_feed_stays_where_it_is,
    a_pruned_position_has_expired,
    an_unreached_position_has_expired,
    a_forged_position_shows_nothing_else,
}
