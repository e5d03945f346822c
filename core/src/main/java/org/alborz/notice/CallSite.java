package org.alborz.notice;

import java.util.List;

/** Finds the line of the user's own code that the engine was called from. */
public final class CallSite {
    private static final List<String> ENGINE = List.of(
            "org.alborz.notice.",
            "org.alborz.backend.",
            "org.alborz.tensor.",
            "org.alborz.ops.",
            "org.alborz.graph.",
            "org.alborz.autograd.",
            "org.alborz.nn.",
            "org.alborz.optim.",
            "org.alborz.metrics.",
            "org.alborz.inference.",
            "org.alborz.data.",
            "org.alborz.train.",
            "org.alborz.checkpoint.",
            "org.alborz.cpu.",
            "org.alborz.cuda.",
            "java.",
            "jdk.",
            "sun.");

    private CallSite() {}

    /** Returns the innermost frame outside of the engine and the JDK, such as {@code com.example.Main.train(Main.java:42)}. */
    public static String current() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !isEngine(frame.getClassName()))
                        .findFirst()
                        .map(frame -> frame.toStackTraceElement().toString())
                        .orElse("an unknown place"));
    }

    private static boolean isEngine(String className) {
        for (String prefix : ENGINE) {
            if (className.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
