package org.alborz.examples.lessons;

import java.io.IOException;

/** One lesson: a program that shows one subject of the course and prints its numbers beside those of the notes. */
public interface Lesson {
    /** Returns the name that the command line takes, such as {@code gradient-check}. */
    String name();

    /** Returns the subject in a few words, as the course's index prints it. */
    String title();

    /** Runs the lesson; what it prints, compares and draws goes into the notebook. */
    void run(Notebook notebook) throws IOException;
}
