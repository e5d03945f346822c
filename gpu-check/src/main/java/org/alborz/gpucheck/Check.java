package org.alborz.gpucheck;

/** One thing that is looked at; it fails by a row or by what it throws, and never keeps the others from running. */
interface Check {
    /** Returns the name that {@code --only} takes; its rows' names begin with it. */
    String name();

    /** Looks, and adds a row for each thing found. */
    void run(Rows rows) throws Exception;
}
