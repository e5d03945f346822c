package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** All lessons in the order in which they are taught. */
public final class Course {
    private Course() {}

    /** Returns the parts of the course in order. */
    public static List<Part> parts() {
        return List.of(LinearModels.PART, Networks.PART, ConvolutionalNetworks.PART);
    }

    /** Returns all lessons in order. */
    public static List<Lesson> lessons() {
        return parts().stream().flatMap(part -> part.lessons().stream()).toList();
    }

    /** Returns the lesson of this name. */
    public static Optional<Lesson> find(String name) {
        return lessons().stream().filter(lesson -> lesson.name().equals(name)).findFirst();
    }

    /** Runs a lesson as a program of its own, on generated images: its argument is a backend's name, {@code auto} without. */
    static void main(Lesson lesson, String... args) throws IOException {
        run(lesson, args.length == 0 ? LessonSettings.DEFAULTS : LessonSettings.on(args[0]));
    }

    /** Runs a lesson and returns what it found; prints it to the standard output too. */
    public static LessonResult run(Lesson lesson, LessonSettings settings) throws IOException {
        long start = System.nanoTime();
        try (Notebook notebook = new Notebook(lesson.name(), settings)) {
            notebook.say("%s", lesson.title());
            notebook.say("");
            lesson.run(notebook);
            return notebook.result((System.nanoTime() - start) / 1e9);
        }
    }
}
