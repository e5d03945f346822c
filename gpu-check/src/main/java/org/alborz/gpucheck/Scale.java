package org.alborz.gpucheck;

import java.util.List;

/**
 * How much is done.
 *
 * @param allConformance whether every part of the conformance suite runs
 * @param batch images a training step
 * @param steps of training
 * @param comparedSteps of them, whose losses are compared with the reference's
 * @param capturedSteps that are compared bit by bit with eager ones
 * @param sessions that are opened and closed to find leaks
 * @param randoms the most random numbers that are compared at a time
 * @param chunk bytes asked for at a time until there is no more memory
 * @param nets that are measured
 * @param batches that nets are measured with
 * @param trainings that are compared with PyTorch's, and with timed algorithms; the most informative first
 * @param products rows of the square matrices that are multiplied
 * @param copied bytes of a copy
 * @param rounds that each work is measured in
 * @param seconds of a round
 */
record Scale(
        boolean allConformance,
        int batch,
        int steps,
        int comparedSteps,
        int capturedSteps,
        int sessions,
        int randoms,
        long chunk,
        List<String> nets,
        List<Integer> batches,
        List<Training> trainings,
        List<Integer> products,
        int copied,
        int rounds,
        double seconds) {
    /** A training of a net of {@link org.alborz.models.Models} on images of 32 by 32 pixels. */
    record Training(String net, int batch) {
        @Override
        public String toString() {
            return net + "-" + batch;
        }
    }

    private static final int MIB = 1 << 20;
    private static final List<String> NETS = List.of("cifar-cnn", "resnet20");

    /** Under nine minutes on a GPU; {@code docs/gpu-results.md} is made with this. */
    static final Scale GPU = new Scale(
            true,
            128,
            200,
            50,
            40,
            20,
            MIB + 5,
            1024L * MIB,
            NETS,
            List.of(128, 1024),
            List.of(
                    new Training("cifar-cnn", 128),
                    new Training("resnet20", 128),
                    new Training("resnet18", 512),
                    new Training("cifar-cnn", 1024)),
            List.of(1024, 2048, 4096, 8192),
            256 * MIB,
            5,
            0.3);

    /** What a CPU does in some minutes. */
    static final Scale CPU = new Scale(
            true,
            128,
            200,
            50,
            40,
            20,
            MIB + 5,
            64L * MIB,
            NETS,
            List.of(128),
            List.of(new Training("cifar-cnn", 128), new Training("resnet20", 128)),
            List.of(1024),
            64 * MIB,
            5,
            0.5);

    /** A look whether everything runs at all. */
    static final Scale QUICK = new Scale(
            false,
            16,
            6,
            4,
            6,
            3,
            40_003,
            64L * MIB,
            List.of("cifar-cnn"),
            List.of(16),
            List.of(new Training("cifar-cnn", 16), new Training("resnet20", 2)),
            List.of(256),
            4 * MIB,
            2,
            0.05);

    static Scale of(boolean quick, Subject subject) {
        return quick ? QUICK : subject.isCpu() ? CPU : GPU;
    }
}
