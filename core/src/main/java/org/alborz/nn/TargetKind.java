package org.alborz.nn;

/**
 * What the targets of a loss are, for metrics of the same targets.
 *
 * @param isClass whether they name classes, so that floating ones are probabilities of classes, as mixing samples makes them
 * @param ignored the number that is left out, such as padding; null where none is
 */
public record TargetKind(boolean isClass, Integer ignored) {
    /** Targets of which nothing is known. */
    public static final TargetKind ANY = new TargetKind(false, null);

    /** Tells whether a target is left out. */
    public boolean ignores(int target) {
        return ignored != null && ignored == target;
    }
}
