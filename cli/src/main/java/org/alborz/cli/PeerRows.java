package org.alborz.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The rows of {@code bench --peers}, and the groups by which {@code --work} names them. */
final class PeerRows {
    /** What the names of products begin with. */
    static final String PRODUCTS = "gemm";

    private static final String ALL = "all";
    private static final String TRAIN = "train";
    private static final String INFER = "infer";
    private static final List<String> SHAPES = List.of("1024x1024", "65536x10", "64x50000");

    /** The functions of a matrix that are measured when no work is named. */
    private static final List<String> USUAL_FUNCTIONS =
            List.of("exp", "tanh", "gelu", "relu", "softmax", "log-softmax", "sum-rows", "sum-columns");

    private static final List<Rows> NETS = List.of(
            new Rows("cifar-cnn", "images/s", List.of(1, 32, 128), List.of(128), target(1.8, 2.0), target(1.4, 2.0)),
            new Rows("resnet20", "images/s", List.of(1, 32, 128), List.of(128), target(1.7, 2.2), target(1.4, 2.0)),
            new Rows("mobilenet-v2", "images/s", List.of(32), List.of(32), target(1.0, 1.3), target(1.4, 2.0)),
            new Rows("mlp", "samples/s", List.of(1, 256), List.of(1, 256), target(1.0, 1.3), target(1.4, 2.0)),
            new Rows("lstm", "samples/s", List.of(32), List.of(32), target(1.0, 1.3), target(1.0, 1.3)),
            new Rows("gpt-block", "samples/s", List.of(8), List.of(8), target(1.0, 1.3), target(1.0, 1.3)));

    /** Every row by itself and those that are measured when no work is named, in order. */
    private static final Lists LISTS = lists();

    private PeerRows() {}

    /**
     * The rows of a net. In inference the smallest and the largest batch have the target.
     *
     * @param trained the batches that have the target in training
     */
    private record Rows(
            String net,
            String unit,
            List<Integer> batches,
            List<Integer> trained,
            PeerWork.Target training,
            PeerWork.Target inference) {
        PeerWork training(int batch) {
            return new PeerWork(TRAIN + "-" + net + "-" + batch, unit, trained.contains(batch) ? training : null);
        }

        PeerWork inference(int batch) {
            boolean isJudged = batch == batches.get(0) || batch == batches.get(batches.size() - 1);
            return new PeerWork(INFER + "-" + net + "-" + batch, unit, isJudged ? inference : null);
        }
    }

    private record Lists(List<PeerWork> all, List<PeerWork> usual) {
        void add(PeerWork work, boolean isUsual) {
            all.add(work);
            if (isUsual) {
                usual.add(work);
            }
        }
    }

    private static PeerWork.Target target(double atLeast, double aim) {
        return new PeerWork.Target(atLeast, aim);
    }

    private static Lists lists() {
        Lists lists = new Lists(new ArrayList<>(), new ArrayList<>());
        for (String transposed : List.of("", "-tn", "-nt")) {
            for (int n : new int[] {256, 512, 1024, 2048}) {
                for (String threads : List.of("", "-" + ALL)) {
                    String name = PRODUCTS + transposed + "-" + n + threads;
                    PeerWork work = new PeerWork(name, "GFLOP/s", target(n > 1024 ? 0.85 : 0.9, 1));
                    lists.add(work, transposed.isEmpty() || n == 1024);
                }
            }
        }
        NETS.forEach(net -> net.batches().forEach(batch -> addIfJudged(lists, net.training(batch))));
        NETS.forEach(net -> net.batches().forEach(batch -> addIfJudged(lists, net.inference(batch))));
        for (String shape : SHAPES) {
            USUAL_FUNCTIONS.forEach(function -> lists.usual().add(PeerWork.elements(function + "-" + shape)));
        }
        lists.add(new PeerWork(PeerWork.START, "s", target(0.5, 0.7)), true);
        lists.add(new PeerWork(PeerWork.MEMORY, "MiB", target(1, 1 / 0.6)), true);
        return lists;
    }

    private static void addIfJudged(Lists lists, PeerWork work) {
        lists.add(work, work.target() != null);
    }

    /** Returns the works of the given names and groups, each once, or the usual ones for null. */
    static List<PeerWork> named(List<String> names) {
        if (names == null) {
            return List.copyOf(LISTS.usual());
        }
        return names.stream().flatMap(PeerRows::find).distinct().toList();
    }

    private static Stream<PeerWork> find(String name) {
        if (name.equals(ALL)) {
            return Stream.concat(LISTS.all().stream(), find(PeerWork.ELEMENTWISE));
        }
        if (name.equals(PeerWork.ELEMENTWISE)) {
            return SHAPES.stream().map(shape -> PeerWork.elements(name + "-" + shape));
        }
        if (SHAPES.stream().anyMatch(shape -> name.matches("[a-z][a-z0-9-]*-" + shape))) {
            return Stream.of(PeerWork.elements(name));
        }
        List<PeerWork> found = LISTS.all().stream()
                .filter(work -> work.name().equals(name) || isOf(name, work))
                .toList();
        if (found.isEmpty()) {
            throw CommandFailure.usage("--work with --peers expects rows or groups of them, some of "
                    + String.join(", ", words()) + ", FUNCTION-SHAPE or elementwise-SHAPE with the shape "
                    + String.join(", ", SHAPES) + ", got '" + name + "'");
        }
        return found.stream();
    }

    private static boolean isOf(String group, PeerWork work) {
        boolean isNet = NETS.stream().anyMatch(net -> net.net().equals(group));
        return List.of(PRODUCTS, TRAIN, INFER).contains(group) && work.name().startsWith(group + "-")
                || isNet && work.name().contains("-" + group + "-");
    }

    /** Returns every name and group, for a message. */
    private static List<String> words() {
        List<String> words = new ArrayList<>(List.of(ALL, PRODUCTS, TRAIN, INFER, PeerWork.ELEMENTWISE));
        NETS.forEach(net -> words.add(net.net()));
        LISTS.all().forEach(work -> words.add(work.name()));
        return words;
    }
}
