package org.alborz.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A work that Alborz and a peer do in turn.
 *
 * @param unit of what is measured; of seconds and MiB less is better
 * @param target the ratios that Alborz is to reach, or null
 * @param usual whether it is done when no work is named
 */
public record PeerWork(String name, String unit, Target target, boolean usual) {
    /** The work whose measure is the time from the start of the JVM to the end of the first training step. */
    static final String START = "start";

    /** The work whose measure is the peak of resident memory while training. */
    static final String MEMORY = "memory";

    /** All functions of a matrix, of one shape or, without one behind it, of all three. */
    static final String ELEMENTWISE = "elementwise";

    private static final List<String> SHAPES = List.of("1024x1024", "65536x10", "64x50000");
    private static final String ELEMENTS = "Gelem/s";

    /** Every work that can be named, but for the functions of a matrix. */
    static final List<PeerWork> ALL = all();

    /** The ratio that Alborz must reach, and the one it aims at. */
    public record Target(double atLeast, double aim) {
        /** Says how a ratio stands to this. */
        String verdict(double ratio) {
            return ratio >= aim ? "aim met" : ratio >= atLeast ? "met" : "missed";
        }
    }

    private static List<PeerWork> all() {
        List<PeerWork> works = new ArrayList<>();
        for (int n : new int[] {512, 1024, 2048}) {
            works.add(new PeerWork("gemm-" + n, "GFLOP/s", new Target(0.9, 1.1), true));
        }
        for (String model : new String[] {"cifar-cnn", "resnet20"}) {
            Target training = model.equals("cifar-cnn") ? new Target(1.4, 2.0) : new Target(1.2, 1.6);
            for (int batch : new int[] {1, 32, 128}) {
                Target target = batch == 128 ? training : null;
                works.add(new PeerWork("train-" + model + "-" + batch, "images/s", target, target != null));
            }
        }
        for (String model : new String[] {"cifar-cnn", "resnet20"}) {
            for (int batch : new int[] {1, 32, 128}) {
                Target target = batch == 32 ? null : new Target(1.0, 1.5);
                works.add(new PeerWork("infer-" + model + "-" + batch, "images/s", target, target != null));
            }
        }
        works.add(new PeerWork(START, "s", new Target(1.5, 3), true));
        works.add(new PeerWork(MEMORY, "MiB", new Target(1, 1 / 0.6), true));
        return List.copyOf(works);
    }

    /** Returns the works of the given names, or the usual ones for null. */
    static List<PeerWork> named(List<String> names) {
        if (names == null) {
            return ALL.stream().filter(PeerWork::usual).toList();
        }
        return names.stream().flatMap(PeerWork::find).toList();
    }

    private static Stream<PeerWork> find(String name) {
        if (name.equals(ELEMENTWISE)) {
            return SHAPES.stream().map(shape -> elements(ELEMENTWISE + "-" + shape));
        }
        if (SHAPES.stream().anyMatch(shape -> name.matches("[a-z][a-z0-9-]*-" + shape))) {
            return Stream.of(elements(name));
        }
        return Stream.of(ALL.stream()
                .filter(work -> work.name().equals(name))
                .findFirst()
                .orElseThrow(() -> CommandFailure.usage("--work with --peers expects some of "
                        + String.join(", ", ALL.stream().map(PeerWork::name).toList())
                        + ", " + ELEMENTWISE + ", or " + ELEMENTWISE + "-SHAPE or FUNCTION-SHAPE with the shape "
                        + String.join(", ", SHAPES) + ", got '" + name + "'")));
    }

    private static PeerWork elements(String name) {
        return new PeerWork(name, ELEMENTS, new Target(1, 1), false);
    }

    /** Tells whether it is a function of a matrix. */
    boolean isElementwise() {
        return unit.equals(ELEMENTS);
    }

    /** Returns the works of each of the given functions, where this stands for all of them, or else this. */
    List<PeerWork> each(Supplier<List<String>> functions) {
        if (!name.startsWith(ELEMENTWISE)) {
            return List.of(this);
        }
        return functions.get().stream()
                .map(function -> elements(function + name.substring(ELEMENTWISE.length())))
                .toList();
    }

    /** Tells whether more is better. */
    boolean isRate() {
        return !unit.equals("s") && !unit.equals("MiB");
    }

    /** Tells whether it is a matrix product, which OpenBLAS does; the others are done by PyTorch. */
    boolean isProduct() {
        return name.startsWith("gemm-");
    }
}
