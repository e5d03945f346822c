package org.alborz.cli;

import java.util.List;

/**
 * What a training run came to; {@code result.json} and {@code --json}.
 *
 * @param stopped why the run ended early, or null
 * @param seconds of this call in all
 */
record TrainReport(
        TrainSettings settings,
        Task task,
        long parameters,
        String trainingData,
        String validationData,
        List<String> classes,
        String backend,
        String device,
        Machine machine,
        List<History.Epoch> epochs,
        History.Epoch best,
        long steps,
        String stopped,
        double seconds,
        String folder) {}
