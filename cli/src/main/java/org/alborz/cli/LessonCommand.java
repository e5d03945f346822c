package org.alborz.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.alborz.examples.drawing.Fonts;
import org.alborz.examples.lessons.Course;
import org.alborz.examples.lessons.Finding;
import org.alborz.examples.lessons.Lesson;
import org.alborz.examples.lessons.LessonPage;
import org.alborz.examples.lessons.LessonResult;
import org.alborz.examples.lessons.LessonSettings;
import org.alborz.examples.lessons.Part;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs lessons of the course. */
@Command(
        name = "lesson",
        description =
                "Runs lessons of a course on deep learning. Each prints its numbers beside those of the course's notes, tells whether they"
                        + " agree, and writes pictures. The exit code is 1 where a number that has to agree does not.",
        footer = {
            "",
            "Examples:",
            "  ./alborz lesson --list                              all lessons in their order",
            "  ./alborz lesson worked-example computational-graph  two of them",
            "  ./alborz lesson --all --data cifar-10-batches-bin   all of them on CIFAR-10"
        })
final class LessonCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "The lessons to run; --list prints their names.")
    private List<String> names = List.of();

    @Option(names = "--list", description = "Print the lessons and run none.")
    private boolean list;

    @Option(names = "--all", description = "Run all lessons in their order.")
    private boolean all;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "The folder with CIFAR-10's binary files (default: generated images, which are not CIFAR-10).")
    private Path data;

    @Option(
            names = "--full",
            description =
                    "Take the notes' own sizes, which take up to hours (default: at most two minutes a lesson on two processors).")
    private boolean full;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of weights, of the order of images and of numbers that are drawn (default: 1).")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", description = "Where pictures are written (default: lessons).")
    private Path out;

    @Option(
            names = "--pages",
            paramLabel = "DIR",
            description =
                    "Put the output of each lesson into its page DIR/NAME.md, and its pictures into DIR/pictures.")
    private Path pages;

    @Mixin
    private BackendOption backend;

    @Mixin
    private JsonOption json;

    /** What {@code --list --json} holds of a lesson. */
    record Listed(String part, String name, String title) {}

    /** What {@code --json} holds of a lesson that was run. */
    record Report(String lesson, List<Finding> findings, List<String> pictures, double seconds) {
        static Report of(LessonResult result) {
            return new Report(
                    result.name(),
                    result.findings(),
                    result.pictures().stream().map(Path::toString).toList(),
                    result.seconds());
        }
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter screen = spec.commandLine().getOut();
        json.check();
        if (list) {
            if (all || !names.isEmpty()) {
                throw CommandFailure.usage("--list runs no lesson; leave out names and --all");
            }
            for (Part part : Course.parts()) {
                screen.println(part.title());
                part.lessons().forEach(lesson -> screen.printf("  %-22s%s%n", lesson.name(), lesson.title()));
            }
            screen.flush();
            json.write(Course.parts().stream()
                    .flatMap(part -> part.lessons().stream()
                            .map(lesson -> new Listed(part.title(), lesson.name(), lesson.title())))
                    .toList());
            return ExitCodes.OK;
        }
        backend.check();
        List<Lesson> chosen = chosen();
        if (data != null && !Files.isDirectory(data)) {
            throw CommandFailure.usage(
                    "--data expects the folder with CIFAR-10's binary files, got '" + data + "', which is no folder");
        }
        requirePages(chosen);
        requireFonts();
        Path pictures = pages != null ? pages.resolve("pictures") : out != null ? out : Path.of("lessons");
        LessonSettings settings = new LessonSettings(backend::open, data, full, false, seed, pictures);
        List<String> disagreeing = new ArrayList<>();
        List<Report> reports = new ArrayList<>();
        Pace pace = new Pace(0, chosen.size());
        for (Lesson lesson : chosen) {
            LessonResult result = Course.run(lesson, settings);
            if (pages != null) {
                LessonPage.update(pages.resolve(lesson.name() + ".md"), result);
            }
            result.disagreements().forEach(finding -> disagreeing.add(lesson.name() + ": " + finding.what()));
            reports.add(Report.of(result));
            System.out.printf("  %.1f s%s%n%n", result.seconds(), left(pace, reports.size(), chosen.size()));
        }
        json.write(reports);
        disagreeing.forEach(finding -> screen.println("Does not agree: " + finding));
        screen.flush();
        return disagreeing.isEmpty() ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private static String left(Pace pace, int done, int all) {
        return done < all ? "; " + done + " of " + all + " lessons, " + pace.left(done) : "";
    }

    private void requirePages(List<Lesson> chosen) {
        if (pages != null && out != null) {
            throw CommandFailure.usage(
                    "--out does not go with --pages, which writes pictures into DIR/pictures; leave one out");
        }
        for (Lesson lesson : chosen) {
            if (pages != null && !Files.isRegularFile(pages.resolve(lesson.name() + ".md"))) {
                throw CommandFailure.usage("--pages expects a folder with the lessons' pages, got '" + pages
                        + "', which has no " + lesson.name() + ".md");
            }
        }
    }

    private static void requireFonts() {
        try {
            Fonts.require();
        } catch (IllegalStateException e) {
            throw new CommandFailure(ExitCodes.FAILED, e.getMessage(), e);
        }
    }

    private List<Lesson> chosen() {
        if (all == !names.isEmpty()) {
            throw CommandFailure.usage("expected names of lessons or --all; ./alborz lesson --list prints the names");
        }
        if (all) {
            return Course.lessons();
        }
        return names.stream()
                .map(name -> Course.find(name)
                        .orElseThrow(() -> CommandFailure.usage("there is no lesson '" + name + "'; expected one of "
                                + String.join(
                                        ", ",
                                        Course.lessons().stream()
                                                .map(Lesson::name)
                                                .toList()))))
                .toList();
    }
}
