package org.alborz.examples.lessons;

import java.util.List;

/** A part of the course. */
public record Part(String title, List<Lesson> lessons) {
    public Part {
        lessons = List.copyOf(lessons);
    }
}
