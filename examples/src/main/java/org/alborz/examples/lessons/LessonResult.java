package org.alborz.examples.lessons;

import java.nio.file.Path;
import java.util.List;

/**
 * What a lesson printed, found and drew.
 *
 * @param text all that was printed
 * @param findings in the order of the lesson
 * @param pictures the files that were written
 */
public record LessonResult(String name, String text, List<Finding> findings, List<Path> pictures, double seconds) {
    public LessonResult {
        findings = List.copyOf(findings);
        pictures = List.copyOf(pictures);
    }

    /** Returns the findings that contradict the notes or the lesson. */
    public List<Finding> disagreements() {
        return findings.stream()
                .filter(finding -> finding.verdict() == Finding.Verdict.DIFFERS)
                .toList();
    }

    /** Returns the finding about this. */
    public Finding finding(String what) {
        return findings.stream()
                .filter(finding -> finding.what().equals(what))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("lesson " + name + " has no finding '" + what
                        + "'; it has " + findings.stream().map(Finding::what).toList() + "."));
    }
}
