//! The order that people give to the tasks of a project.

mod moves;
mod places;
mod shared;

pub use shared::Ports;

use moves::{
    a_move_changes_nothing_but_the_place_of_one_task, every_reader_sees_the_same_order,
    moves_around_each_other_lose_no_task, simultaneous_moves_of_one_task_are_all_kept,
    simultaneous_moves_to_one_place_are_all_kept, tasks_of_two_projects_may_have_one_position,
    two_moves_to_one_position_are_a_conflict,
};
use places::{
    a_moved_task_stands_at_its_place, a_new_task_comes_after_moved_ones,
    a_place_beside_no_task_of_the_project_is_not_found, new_tasks_stand_in_the_order_of_their_ids,
    random_moves_leave_the_order_that_they_give, the_neighbors_of_a_place_are_found,
};

contract! { $
    task_position { users, projects, tasks }
    new_tasks_stand_in_the_order_of_their_ids,
    the_neighbors_of_a_place_are_found,
    a_place_beside_no_task_of_the_project_is_not_found,
    a_moved_task_stands_at_its_place,
    a_new_task_comes_after_moved_ones,
    random_moves_leave_the_order_that_they_give,
    a_move_changes_nothing_but_the_place_of_one_task,
    two_moves_to_one_position_are_a_conflict,
    tasks_of_two_projects_may_have_one_position,
    simultaneous_moves_to_one_place_are_all_kept,
    simultaneous_moves_of_one_task_are_all_kept,
    moves_around_each_other_lose_no_task,
    every_reader_sees_the_same_order,
}
