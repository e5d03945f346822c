package org.alborz.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CourseTest {
    private static final Path SOURCES = Path.of("src/main/java/org/alborz/examples/lessons");
    private static final Path PAGES = Path.of("../docs/lessons");

    @Test
    void everyLessonHasANameOfItsOwnAndAPage() {
        List<String> names = Course.lessons().stream().map(Lesson::name).toList();
        assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z0-9]+(-[a-z0-9]+)*"));
        assertThat(names)
                .allSatisfy(name -> assertThat(PAGES.resolve(name + ".md"))
                        .content()
                        .contains("<!-- output -->", "<!-- end of output -->", "./alborz lesson " + name));
    }

    /** So that somebody who has the notes finds the page, and somebody who has the page the notes, the program and the next lesson. */
    @Test
    void everyPageNamesTheNotesSubjectItsProgramAndTheNextLesson() {
        List<Lesson> lessons = Course.lessons();
        for (int i = 0; i < lessons.size(); i++) {
            String program = "lessons/" + lessons.get(i).getClass().getSimpleName() + ".java)";
            String next = i + 1 < lessons.size()
                    ? "Next: [" + lessons.get(i + 1).name() + "]("
                            + lessons.get(i + 1).name() + ".md)."
                    : "Next: [a project of your own](README.md#";
            assertThat(PAGES.resolve(lessons.get(i).name() + ".md"))
                    .content()
                    .containsPattern("(?m)^In the notes: \\*[A-Z][^*]+\\*")
                    .contains(program, next, "## Exercises");
        }
    }

    @Test
    void noLessonIsLong() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.toList()) {
                if (Files.readString(file).contains(" implements Lesson")) {
                    assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(120);
                }
            }
        }
    }
}
