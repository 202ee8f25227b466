//! Lists of tasks with any filter, in any order. By ascending id: [`task_list`](super::task_list); how many rows a list
//! reads: [`task_list_bound`](super::task_list_bound).

mod model;
mod shared;
mod walks;

pub use shared::Ports;

use model::{
    lists_of_a_project_are_those_of_the_domain, lists_of_all_tasks_are_those_of_the_domain,
    lists_of_an_assignee_are_those_of_the_domain, lists_of_what_a_user_may_read_are_those_of_the_domain,
};
use walks::{
    equal_tasks_come_by_ascending_id_both_ways, lists_without_tasks_are_empty_in_every_order,
    tasks_that_stand_still_come_once_in_every_order,
};

contract! { $
    task_query { users, projects, members, tasks, labels }
    lists_of_a_project_are_those_of_the_domain,
    lists_of_an_assignee_are_those_of_the_domain,
    lists_of_what_a_user_may_read_are_those_of_the_domain,
    lists_of_all_tasks_are_those_of_the_domain,
    tasks_that_stand_still_come_once_in_every_order,
    lists_without_tasks_are_empty_in_every_order,
    equal_tasks_come_by_ascending_id_both_ways,
}
