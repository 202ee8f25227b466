//! The search of tasks by the beginnings of words.

mod changes;
mod index;
mod shared;
mod words;

pub use shared::Ports;

use changes::{
    assigned_tasks_are_found_by_their_words, changed_words_are_found, deleted_tasks_are_not_found,
    refused_changes_leave_the_words, simultaneous_changes_leave_the_words_of_the_last,
    visible_tasks_are_found_by_their_words,
};
use index::{
    a_change_of_something_else_leaves_outdated_words, a_change_writes_outdated_words, all_words_are_rewritten_in_parts,
    filled_words_are_found_by_the_new_assignee, outdated_words_are_filled_up_to_the_limit,
    words_rewritten_while_tasks_change_are_the_last,
};
use words::{
    all_words_of_a_query_are_needed, each_beginning_of_a_word_finds_it, longest_texts_are_found,
    operators_are_no_part_of_a_query, storage_and_domain_find_the_same, words_of_many_scripts_are_found,
};

contract! { $
    search { users, projects, members, erasures, tasks, search }
    words_of_many_scripts_are_found,
    storage_and_domain_find_the_same,
    operators_are_no_part_of_a_query,
    each_beginning_of_a_word_finds_it,
    all_words_of_a_query_are_needed,
    longest_texts_are_found,
    changed_words_are_found,
    deleted_tasks_are_not_found,
    assigned_tasks_are_found_by_their_words,
    visible_tasks_are_found_by_their_words,
    simultaneous_changes_leave_the_words_of_the_last,
    refused_changes_leave_the_words,
    outdated_words_are_filled_up_to_the_limit,
    filled_words_are_found_by_the_new_assignee,
    a_change_writes_outdated_words,
    a_change_of_something_else_leaves_outdated_words,
    all_words_are_rewritten_in_parts,
    words_rewritten_while_tasks_change_are_the_last,
}
