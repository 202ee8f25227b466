import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.example.fasttrack.ApiClient;
import org.example.fasttrack.ApiException;
import org.example.fasttrack.api.AuthApi;
import org.example.fasttrack.api.CommentsApi;
import org.example.fasttrack.api.ProjectsApi;
import org.example.fasttrack.api.RealtimeApi;
import org.example.fasttrack.api.TasksApi;
import org.example.fasttrack.api.TodosApi;
import org.example.fasttrack.model.CompleteTodoBody;
import org.example.fasttrack.model.CreateCommentBody;
import org.example.fasttrack.model.CreateProjectBody;
import org.example.fasttrack.model.CreateTaskBody;
import org.example.fasttrack.model.LoginBody;
import org.example.fasttrack.model.MarkReadBody;
import org.example.fasttrack.model.Notification;
import org.example.fasttrack.model.PatchTaskBody;
import org.example.fasttrack.model.RegisterBody;
import org.example.fasttrack.model.TaskPriority;
import org.example.fasttrack.model.TaskStatus;
import org.example.fasttrack.model.TodoBody;
import org.example.fasttrack.model.User;

/** Somebody's way through the API. Ends with an error at the first surprise. */
public final class Journey {
    private static final String PASSWORD = "correct horse battery";

    private record Person(User user, ApiClient client) {}

    private interface Call {
        Object run() throws ApiException;
    }

    private static ApiClient connect() {
        var client = new ApiClient();
        client.updateBaseUri(System.getenv("FASTTRACK_URL"));
        return client;
    }

    /** A new account, logged in. */
    private static Person join(String name) throws ApiException {
        var client = connect();
        var email = name.toLowerCase() + "." + UUID.randomUUID() + "@example.org";
        var body = new RegisterBody().email(email).password(PASSWORD).displayName(name);
        var user = new AuthApi(client).register(body).getData();
        equal(user.getEmail(), email);
        var tokens = new AuthApi(client).login(new LoginBody().email(email).password(PASSWORD)).getData();
        client.setRequestInterceptor(it -> it.header("Authorization", "Bearer " + tokens.getAccessToken()));
        return new Person(user, client);
    }

    private static void equal(Object actual, Object expected) {
        if (!expected.equals(actual)) {
            throw new AssertionError(actual + " is not " + expected);
        }
    }

    private static void refused(int status, String code, Call call) {
        try {
            call.run();
        } catch (ApiException refusal) {
            equal(refusal.getCode(), status);
            equal(refusal.getResponseBody().contains("\"code\":\"" + code + "\""), true);
            return;
        }
        throw new AssertionError("not refused: " + code);
    }

    private static List<Notification> told(Person person, int count) throws Exception {
        var deadline = OffsetDateTime.now().plusSeconds(30);
        while (OffsetDateTime.now().isBefore(deadline)) {
            var unread = new RealtimeApi(person.client()).listNotifications(true, null, null).getData().getItems();
            if (unread.size() == count) {
                return unread;
            }
        }
        throw new AssertionError("not " + count + " notifications");
    }

    public static void main(String[] arguments) throws Exception {
        var ann = join("Ann");
        var bob = join("Bob");

        // Who they are. The same address can't be taken twice, and what is wrong is refused.
        equal(new AuthApi(ann.client()).me().getData(), ann.user());
        var taken = new RegisterBody().email(ann.user().getEmail()).password(PASSWORD);
        refused(409, "email_taken", () -> new AuthApi(connect()).register(taken));
        var wrong = new RegisterBody().email("nobody").password("short");
        refused(400, "validation_failed", () -> new AuthApi(connect()).register(wrong));
        refused(401, "token_missing", () -> new AuthApi(connect()).me());

        // A project, and a task for Bob. What is asked for again is done once.
        var projects = new ProjectsApi(ann.client());
        var project = projects.createProject(new CreateProjectBody().name("Garden"), null).getData();
        refused(403, "forbidden", () -> new ProjectsApi(bob.client()).getProject(project.getId(), null, null));
        var tasks = new TasksApi(ann.client());
        var fence = new CreateTaskBody().title("Paint the fence").priority(TaskPriority.HIGH).assigneeId(bob.user().getId());
        var key = UUID.randomUUID().toString();
        var created = tasks.createTaskWithHttpInfo(project.getId(), fence, key);
        var task = created.getData().getData();
        equal(tasks.createTask(project.getId(), fence, key).getData(), task);
        equal(created.getHeaders().get("location"), List.of("/tasks/" + task.getId()));

        // Both change it: who has an old version is told so, and nobody skips a step.
        var etag = created.getHeaders().get("etag").get(0);
        var start = new PatchTaskBody().status(TaskStatus.IN_PROGRESS);
        var started = new TasksApi(bob.client()).updateTask(task.getId(), start, etag, null).getData();
        equal(started.getVersion(), task.getVersion() + 1);
        refused(412, "precondition_failed", () -> tasks.updateTask(task.getId(), start, etag, null));
        tasks.updateTask(task.getId(), new PatchTaskBody().status(TaskStatus.TODO), null, null);
        var skip = new PatchTaskBody().status(TaskStatus.DONE);
        refused(409, "invalid_status_transition", () -> tasks.updateTask(task.getId(), skip, null, null));

        // Page by page.
        tasks.createTask(project.getId(), new CreateTaskBody().title("Cut the hedge"), null);
        var titles = new ArrayList<String>();
        String cursor = null;
        do {
            var page = tasks.listProjectTasks(
                project.getId(), null, null, null, 1L, cursor, null, null, null, null, null, null, null, null).getData();
            page.getItems().forEach(it -> titles.add(it.getTitle()));
            cursor = page.getNextCursor();
        } while (cursor != null);
        equal(titles, List.of("Paint the fence", "Cut the hedge"));

        // Bob says something, and each hears of what the other did.
        var comment = new CreateCommentBody().body("Which colour?");
        new CommentsApi(bob.client()).createComment(task.getId(), comment, null);
        var news = told(ann, 2);
        equal(news.stream().map(it -> it.getActualInstance().getClass().getSimpleName()).toList(),
                List.of("CommentAddedNotification", "StatusChangedNotification"));
        var heard = news.get(0).getCommentAddedNotification();
        equal(heard.getData().getAuthor(), "Bob");
        new RealtimeApi(ann.client()).markNotificationsRead(new MarkReadBody().upTo(heard.getSeq()));
        told(ann, 0);

        // Todos come bare.
        var name = ann.user().getId().toString();
        var todos = new TodosApi(ann.client());
        var todo = todos.createTodo(name, new TodoBody().title("Rest"), null);
        equal(todos.completeTodo(name, todo.getId(), null, null, new CompleteTodoBody().completed(true)).getCompleted(), true);

        // What is deleted is gone.
        projects.deleteProject(project.getId(), null, null);
        refused(404, "not_found", () -> tasks.getTask(task.getId(), null, null));
    }
}
