package org.alborz.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.alborz.tensor.Session;

/** Runs lessons as small as a test needs them. */
final class LessonRuns {
    private LessonRuns() {}

    /** Runs a lesson on generated images and expects no number that contradicts it. */
    static LessonResult quick(String name, Path pictures) throws IOException {
        Lesson lesson = Course.find(name).orElseThrow();
        LessonResult result = Course.run(
                lesson, new LessonSettings(() -> Session.open("cpu-vector"), null, false, true, 1, pictures));
        assertThat(result.disagreements()).as(result.text()).isEmpty();
        return result;
    }
}
