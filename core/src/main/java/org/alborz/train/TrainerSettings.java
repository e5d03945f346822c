package org.alborz.train;

import java.util.List;
import java.util.function.Function;
import org.alborz.data.DataLoader;
import org.alborz.distributed.Collective;
import org.alborz.metrics.Metric;
import org.alborz.optim.Schedule;

/**
 * How a trainer trains.
 *
 * @param metrics on the training data
 * @param evaluationMetrics those for a loader's data
 * @param graphCapture whether steps are captured once and replayed
 * @param accumulation how many batches make a step, those of all ranks together
 * @param collective the group of ranks that train together; null for this one alone
 * @param averaging of the weights
 * @param syncBatchNorm whether batch norm normalises by the batches of all ranks
 * @param bucketBytes of gradients that ranks exchange at once
 * @param dataOnDevice whether {@code fit} keeps its data in the device's memory
 */
record TrainerSettings(
        Objective objective,
        List<Metric> metrics,
        Function<DataLoader, List<Metric>> evaluationMetrics,
        Schedule schedule,
        long seed,
        List<Callback> callbacks,
        boolean graphCapture,
        GradientClipping clipping,
        int accumulation,
        Averaging averaging,
        EpochLog epochLog,
        Collective collective,
        boolean syncBatchNorm,
        long bucketBytes,
        DataOnDevice dataOnDevice) {}
