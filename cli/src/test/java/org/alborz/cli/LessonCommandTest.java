package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alborz.examples.lessons.Course;
import org.alborz.examples.lessons.Lesson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LessonCommandTest {
    private static final String SMALLEST = "worked-example";

    @TempDir
    Path folder;

    @Test
    void listsAllLessonsInTheirOrder() {
        CommandResult result = CommandResult.of("lesson", "--list");
        assertThat(result.code()).as(result.err()).isZero();
        List<String> listed = result.out()
                .lines()
                .filter(line -> line.startsWith("  "))
                .map(line -> line.strip().split(" ", 2)[0])
                .toList();
        assertThat(listed)
                .isEqualTo(Course.lessons().stream().map(Lesson::name).toList())
                .contains("knn", SMALLEST);
    }

    @Test
    void runsALessonAndWritesItsPictures() {
        CommandResult result = CommandResult.of("lesson", SMALLEST, "computational-graph", "--out", folder);
        assertThat(result.code()).as(result.out() + result.err()).isZero();
        assertThat(folder.resolve("worked-example-loss.png")).isNotEmptyFile();
        assertThat(folder.resolve("computational-graph-two-gates.png")).isNotEmptyFile();
    }

    @Test
    void putsTheOutputIntoPages() throws IOException {
        Path page = folder.resolve(SMALLEST + ".md");
        Files.writeString(page, "# Title\n<!-- output -->\nold\n<!-- end of output -->\nthe rest\n");
        CommandResult result = CommandResult.of("lesson", SMALLEST, "--pages", folder);
        assertThat(result.code()).as(result.out() + result.err()).isZero();
        assertThat(page)
                .content()
                .startsWith("# Title\n<!-- output -->")
                .endsWith("<!-- end of output -->\nthe rest\n")
                .contains("w6 (the notes' 0.6187 is a slip)", "![loss](pictures/worked-example-loss.png)")
                .doesNotContain("\nold\n");
        assertThat(folder.resolve("pictures/worked-example-loss.png")).isNotEmptyFile();
    }

    @Test
    void refusesOptionsThatWouldHaveNoEffect() {
        CommandResult both = CommandResult.of("lesson", SMALLEST, "--pages", folder, "--out", folder);
        assertThat(both.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(both.err()).contains("--out does not go with --pages");
        CommandResult named = CommandResult.of("lesson", SMALLEST, "--list");
        assertThat(named.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(named.err()).contains("--list runs no lesson");
    }

    @Test
    void refusesPagesThatAreNotThere() throws IOException {
        CommandResult missing = CommandResult.of("lesson", SMALLEST, "--pages", folder.resolve("none"));
        assertThat(missing.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(missing.err()).contains("--pages expects a folder with the lessons' pages", "worked-example.md");
        Files.writeString(folder.resolve(SMALLEST + ".md"), "no marks\n");
        CommandResult unmarked = CommandResult.of("lesson", SMALLEST, "--pages", folder);
        assertThat(unmarked.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(unmarked.err()).contains("has no place for the output", "<!-- output -->");
    }

    @Test
    void refusesWhatIsNoLesson() {
        CommandResult unknown = CommandResult.of("lesson", "kmm");
        assertThat(unknown.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(unknown.err()).contains("there is no lesson 'kmm'", "worked-example");
        CommandResult nothing = CommandResult.of("lesson");
        assertThat(nothing.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(nothing.err()).contains("names of lessons or --all", "--list");
        assertThat(CommandResult.of("lesson", SMALLEST, "--all").code()).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void refusesDataThatAreNotThere() {
        CommandResult result = CommandResult.of("lesson", SMALLEST, "--data", folder.resolve("none"), "--out", folder);
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains("--data expects the folder with CIFAR-10's binary files", "none");
        assertThat(folder).isEmptyDirectory();
        CommandResult noFiles = CommandResult.of("lesson", "knn", "--data", folder, "--out", folder);
        assertThat(noFiles.code()).isEqualTo(ExitCodes.DATA);
        assertThat(noFiles.err()).contains("CIFAR-10 expects the file", "batches.meta.txt");
    }

    @Test
    void refusesABackendThatIsNotThere() {
        CommandResult result = CommandResult.of("lesson", SMALLEST, "--backend", "cpu-none", "--out", folder);
        assertThat(result.code()).isNotZero();
        assertThat(result.err()).contains("cpu-none");
        assertThat(folder).isEmptyDirectory();
    }
}
