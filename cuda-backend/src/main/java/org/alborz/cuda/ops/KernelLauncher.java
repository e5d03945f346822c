package org.alborz.cuda.ops;

import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.Operand;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.UnaryOp;
import org.alborz.backend.UpdateRule;
import org.alborz.cuda.driver.Kernel;
import org.alborz.cuda.driver.Launcher;
import org.alborz.cuda.driver.Modules;
import org.alborz.type.Activation;
import org.alborz.type.DType;

/**
 * Writes the arguments of each kernel as its source declares them; {@link LaunchContext#run} launches it then. Written by
 * {@code kernels/build} from the kernels' sources; do not edit.
 */
final class KernelLauncher {
    private final Launcher launcher;
    private final OperandArguments arguments;
    private final TypedKernel accumulate;
    private final TypedKernel adam;
    private final TypedKernel adamParts;
    private final Kernel alongAxisPlaces;
    private final TypedKernel takeAlongAxis;
    private final TypedKernel scatterAlongAxis;
    private final Kernel argSortMerge;
    private final TypedKernel argSortPieces;
    private final RowKernel argmax;
    private final TypedKernel argmaxStrided;
    private final RowKernel hits;
    private final TypedKernel attention;
    private final TypedKernel attentionBackwardQueries;
    private final TypedKernel attentionBackwardKeys;
    private final TypedKernel batchNormStatistics;
    private final TypedKernel batchNormApply;
    private final TypedKernel batchNormBackwardSums;
    private final TypedKernel batchNormBackwardApply;
    private final TypedKernel batchNormStatisticsMixed;
    private final TypedKernel batchNormSumsMixed;
    private final TypedKernel batchNormBackwardSumsMixed;
    private final TypedKernel batchNormBackwardOfSumsMixed;
    private final TypedKernel batchNormBackwardApplyMixed;
    private final TypedKernel batchNormMoveStatistics;
    private final TypedKernel batchNormBackwardWhole;
    private final TypedKernel bias;
    private final TypedKernel biasThen;
    private final TypedKernel biasBackward;
    private final TypedKernel binary;
    private final TypedKernel binaryStrided;
    private final ConversionKernel copy;
    private final ConversionKernel copyStrided;
    private final TypedKernel compare;
    private final TypedKernel compareStrided;
    private final TypedKernel conv2d;
    private final TypedKernel conv2dBackwardData;
    private final TypedKernel conv2dBackwardFilter;
    private final Kernel copyBatch;
    private final TypedKernel convertBatch;
    private final RowKernel crossEntropy;
    private final RowKernel crossEntropyBackward;
    private final RowKernel meanCrossEntropy;
    private final RowKernel meanCrossEntropyBackward;
    private final TypedKernel ctc;
    private final TypedKernel ctcBackward;
    private final TypedKernel dropout;
    private final TypedKernel fill;
    private final TypedKernel fillStrided;
    private final TypedKernel gather;
    private final TypedKernel gatherImages;
    private final TypedKernel geluBackward;
    private final TypedKernel geluBackwardBias;
    private final TypedKernel gruCell;
    private final TypedKernel gruCellBackward;
    private final TypedKernel lstmCell;
    private final TypedKernel lstmCellBackward;
    private final TypedKernel normalizePixels;
    private final TypedKernel oneHot;
    private final TypedKernel maxPool;
    private final TypedKernel maxPoolBackward;
    private final TypedKernel maxPoolBiasBackward;
    private final TypedKernel maxPoolGather;
    private final TypedKernel averagePool;
    private final TypedKernel averagePoolBackward;
    private final TypedKernel uniform;
    private final TypedKernel normal;
    private final RowKernel reduce;
    private final TypedKernel reduceSplit;
    private final TypedKernel reduceJoin;
    private final TypedKernel reduceColumns;
    private final TypedKernel reduceColumnsSplit;
    private final TypedKernel reduceStrided;
    private final RowKernel sumInteger;
    private final RowKernel extremeInteger;
    private final RowKernel rowNorm;
    private final RowKernel rowNormBackward;
    private final TypedKernel rowNormBackwardSums;
    private final TypedKernel rowNormBackwardFinish;
    private final RowKernel rowNormMixed;
    private final RowKernel rowNormBackwardMixed;
    private final TypedKernel rowNormBackwardFinishMixed;
    private final TypedKernel scanSum;
    private final TypedKernel scanRecurrence;
    private final Kernel scatterAddSort;
    private final Kernel scatterAddMerge;
    private final TypedKernel scatterAdd;
    private final TypedKernel scatterAddJoin;
    private final TypedKernel sgd;
    private final TypedKernel sgdParts;
    private final RowKernel softmax;
    private final RowKernel logSoftmax;
    private final TypedKernel transpose;
    private final TypedKernel unary;
    private final TypedKernel unaryStrided;
    private final Kernel unscale;
    private final TypedKernel update;
    private final Kernel setReplay;
    private final TypedKernel where;
    private final TypedKernel whereStrided;

    KernelLauncher(Launcher launcher, Modules modules) {
        this.launcher = launcher;
        this.arguments = new OperandArguments(launcher);
        accumulate = new TypedKernel(modules, "accumulate");
        adam = new TypedKernel(modules, "adam");
        adamParts = new TypedKernel(modules, "adam_parts");
        alongAxisPlaces = modules.kernel("along_axis_places");
        takeAlongAxis = new TypedKernel(modules, "take_along_axis");
        scatterAlongAxis = new TypedKernel(modules, "scatter_along_axis");
        argSortMerge = modules.kernel("arg_sort_merge");
        argSortPieces = new TypedKernel(modules, "arg_sort_pieces");
        argmax = new RowKernel(modules, "argmax");
        argmaxStrided = new TypedKernel(modules, "argmax_strided");
        hits = new RowKernel(modules, "hits");
        attention = new TypedKernel(modules, "attention");
        attentionBackwardQueries = new TypedKernel(modules, "attention_backward_queries");
        attentionBackwardKeys = new TypedKernel(modules, "attention_backward_keys");
        batchNormStatistics = new TypedKernel(modules, "batch_norm_statistics");
        batchNormApply = new TypedKernel(modules, "batch_norm_apply");
        batchNormBackwardSums = new TypedKernel(modules, "batch_norm_backward_sums");
        batchNormBackwardApply = new TypedKernel(modules, "batch_norm_backward_apply");
        batchNormStatisticsMixed = new TypedKernel(modules, "batch_norm_statistics_mixed");
        batchNormSumsMixed = new TypedKernel(modules, "batch_norm_sums_mixed");
        batchNormBackwardSumsMixed = new TypedKernel(modules, "batch_norm_backward_sums_mixed");
        batchNormBackwardOfSumsMixed = new TypedKernel(modules, "batch_norm_backward_of_sums_mixed");
        batchNormBackwardApplyMixed = new TypedKernel(modules, "batch_norm_backward_apply_mixed");
        batchNormMoveStatistics = new TypedKernel(modules, "batch_norm_move_statistics");
        batchNormBackwardWhole = new TypedKernel(modules, "batch_norm_backward_whole");
        bias = new TypedKernel(modules, "bias");
        biasThen = new TypedKernel(modules, "bias_then");
        biasBackward = new TypedKernel(modules, "bias_backward");
        binary = new TypedKernel(modules, "binary");
        binaryStrided = new TypedKernel(modules, "binary_strided");
        copy = new ConversionKernel(modules, "copy");
        copyStrided = new ConversionKernel(modules, "copy_strided");
        compare = new TypedKernel(modules, "compare");
        compareStrided = new TypedKernel(modules, "compare_strided");
        conv2d = new TypedKernel(modules, "conv2d");
        conv2dBackwardData = new TypedKernel(modules, "conv2d_backward_data");
        conv2dBackwardFilter = new TypedKernel(modules, "conv2d_backward_filter");
        copyBatch = modules.kernel("copy_batch");
        convertBatch = new TypedKernel(modules, "convert_batch");
        crossEntropy = new RowKernel(modules, "cross_entropy");
        crossEntropyBackward = new RowKernel(modules, "cross_entropy_backward");
        meanCrossEntropy = new RowKernel(modules, "mean_cross_entropy");
        meanCrossEntropyBackward = new RowKernel(modules, "mean_cross_entropy_backward");
        ctc = new TypedKernel(modules, "ctc");
        ctcBackward = new TypedKernel(modules, "ctc_backward");
        dropout = new TypedKernel(modules, "dropout");
        fill = new TypedKernel(modules, "fill");
        fillStrided = new TypedKernel(modules, "fill_strided");
        gather = new TypedKernel(modules, "gather");
        gatherImages = new TypedKernel(modules, "gather_images");
        geluBackward = new TypedKernel(modules, "gelu_backward");
        geluBackwardBias = new TypedKernel(modules, "gelu_backward_bias");
        gruCell = new TypedKernel(modules, "gru_cell");
        gruCellBackward = new TypedKernel(modules, "gru_cell_backward");
        lstmCell = new TypedKernel(modules, "lstm_cell");
        lstmCellBackward = new TypedKernel(modules, "lstm_cell_backward");
        normalizePixels = new TypedKernel(modules, "normalize_pixels");
        oneHot = new TypedKernel(modules, "one_hot");
        maxPool = new TypedKernel(modules, "max_pool");
        maxPoolBackward = new TypedKernel(modules, "max_pool_backward");
        maxPoolBiasBackward = new TypedKernel(modules, "max_pool_bias_backward");
        maxPoolGather = new TypedKernel(modules, "max_pool_gather");
        averagePool = new TypedKernel(modules, "average_pool");
        averagePoolBackward = new TypedKernel(modules, "average_pool_backward");
        uniform = new TypedKernel(modules, "uniform");
        normal = new TypedKernel(modules, "normal");
        reduce = new RowKernel(modules, "reduce");
        reduceSplit = new TypedKernel(modules, "reduce_split");
        reduceJoin = new TypedKernel(modules, "reduce_join");
        reduceColumns = new TypedKernel(modules, "reduce_columns");
        reduceColumnsSplit = new TypedKernel(modules, "reduce_columns_split");
        reduceStrided = new TypedKernel(modules, "reduce_strided");
        sumInteger = new RowKernel(modules, "sum_integer");
        extremeInteger = new RowKernel(modules, "extreme_integer");
        rowNorm = new RowKernel(modules, "row_norm");
        rowNormBackward = new RowKernel(modules, "row_norm_backward");
        rowNormBackwardSums = new TypedKernel(modules, "row_norm_backward_sums");
        rowNormBackwardFinish = new TypedKernel(modules, "row_norm_backward_finish");
        rowNormMixed = new RowKernel(modules, "row_norm_mixed");
        rowNormBackwardMixed = new RowKernel(modules, "row_norm_backward_mixed");
        rowNormBackwardFinishMixed = new TypedKernel(modules, "row_norm_backward_finish_mixed");
        scanSum = new TypedKernel(modules, "scan_sum");
        scanRecurrence = new TypedKernel(modules, "scan_recurrence");
        scatterAddSort = modules.kernel("scatter_add_sort");
        scatterAddMerge = modules.kernel("scatter_add_merge");
        scatterAdd = new TypedKernel(modules, "scatter_add");
        scatterAddJoin = new TypedKernel(modules, "scatter_add_join");
        sgd = new TypedKernel(modules, "sgd");
        sgdParts = new TypedKernel(modules, "sgd_parts");
        softmax = new RowKernel(modules, "softmax");
        logSoftmax = new RowKernel(modules, "log_softmax");
        transpose = new TypedKernel(modules, "transpose");
        unary = new TypedKernel(modules, "unary");
        unaryStrided = new TypedKernel(modules, "unary_strided");
        unscale = modules.kernel("unscale");
        update = new TypedKernel(modules, "update");
        setReplay = modules.kernel("set_replay");
        where = new TypedKernel(modules, "where");
        whereStrided = new TypedKernel(modules, "where_strided");
    }

    void accumulate(DType type, double factor, Operand x, Operand sum, long n) {
        launcher.kernel(accumulate.of(type));
        launcher.value(factor);
        arguments.read(x, type);
        arguments.write(sum, DType.FLOAT64);
        launcher.value(n);
    }

    void adam(
            DType type,
            double beta1,
            double beta2,
            double rate,
            double correction,
            double epsilon,
            double decay,
            double shrink,
            Operand numbers,
            Operand value,
            Operand gradient,
            Operand first,
            Operand second,
            long n) {
        launcher.kernel(adam.of(type));
        launcher.value(beta1);
        launcher.value(beta2);
        launcher.value(rate);
        launcher.value(correction);
        launcher.value(epsilon);
        launcher.value(decay);
        launcher.value(shrink);
        arguments.readOrNone(numbers, DType.FLOAT64);
        arguments.write(value, type);
        arguments.read(gradient, type);
        arguments.write(first, type.accumulator());
        arguments.write(second, type.accumulator());
        launcher.value(n);
    }

    void adamParts(
            DType type,
            double beta1,
            double beta2,
            double rate,
            double correction,
            double epsilon,
            double decay,
            double shrink,
            Operand numbers,
            Operand value,
            Operand gradient,
            Operand first,
            Operand second,
            GradientParts parts,
            Operand copy) {
        launcher.kernel(adamParts.of(type));
        launcher.value(beta1);
        launcher.value(beta2);
        launcher.value(rate);
        launcher.value(correction);
        launcher.value(epsilon);
        launcher.value(decay);
        launcher.value(shrink);
        arguments.readOrNone(numbers, DType.FLOAT64);
        arguments.write(value, DType.FLOAT32);
        arguments.read(gradient, DType.FLOAT32);
        arguments.write(first, DType.FLOAT32);
        arguments.write(second, DType.FLOAT32);
        parts.passTo(launcher);
        arguments.writeOrNone(copy, type);
    }

    void alongAxisPlaces(
            Operand indices, Operand places, OffsetCalculator axes, int size, long stride, long n, IndexFaults fault) {
        launcher.kernel(alongAxisPlaces);
        arguments.read(indices, DType.INT32);
        arguments.write(places, DType.INT32);
        axes.passTo(launcher);
        launcher.value(size);
        launcher.value(stride);
        launcher.value(n);
        launcher.address(fault.address());
    }

    void takeAlongAxis(
            DType type,
            Operand x,
            Operand indices,
            Operand y,
            OffsetCalculator axes,
            int size,
            long stride,
            long n,
            IndexFaults fault) {
        launcher.kernel(takeAlongAxis.of(type));
        arguments.read(x, type);
        arguments.read(indices, DType.INT32);
        arguments.write(y, type);
        axes.passTo(launcher);
        launcher.value(size);
        launcher.value(stride);
        launcher.value(n);
        launcher.address(fault.address());
    }

    void scatterAlongAxis(DType type, Operand x, Operand keys, Operand y, int size, int count) {
        launcher.kernel(scatterAlongAxis.of(type));
        arguments.read(x, type);
        arguments.read(keys, DType.INT64);
        arguments.write(y, type);
        launcher.value(size);
        launcher.value(count);
    }

    void argSortMerge(
            Operand keys, Operand order, Operand mergedKeys, Operand mergedOrder, long length, int width, long n) {
        launcher.kernel(argSortMerge);
        arguments.read(keys, DType.INT64);
        arguments.read(order, DType.INT32);
        arguments.write(mergedKeys, DType.INT64);
        arguments.write(mergedOrder, DType.INT32);
        launcher.value(length);
        launcher.value(width);
        launcher.value(n);
    }

    void argSortPieces(
            DType type,
            int descending,
            Operand x,
            Operand keys,
            Operand order,
            OffsetCalculator lines,
            long rows,
            int width,
            long stride) {
        launcher.kernel(argSortPieces.of(type));
        launcher.value(descending);
        arguments.read(x, type);
        arguments.write(keys, DType.INT64);
        arguments.write(order, DType.INT32);
        lines.passTo(launcher);
        launcher.value(rows);
        launcher.value(width);
        launcher.value(stride);
    }

    void argmax(DType type, int smallest, Operand x, Operand y, long count, long width) {
        launcher.kernel(argmax.of(type, width));
        launcher.value(smallest);
        arguments.read(x, type);
        arguments.write(y, DType.INT32);
        launcher.value(count);
        launcher.value(width);
    }

    void argmaxStrided(
            DType type,
            int smallest,
            Operand x,
            Operand y,
            OffsetCalculator kept,
            int size,
            long stride,
            long results) {
        launcher.kernel(argmaxStrided.of(type));
        launcher.value(smallest);
        arguments.read(x, type);
        arguments.write(y, DType.INT32);
        kept.passTo(launcher);
        launcher.value(size);
        launcher.value(stride);
        launcher.value(results);
    }

    void hits(
            DType type,
            double factor,
            Operand x,
            Operand labels,
            Operand partial,
            Operand sum,
            FinishedBlocks finished,
            long rows,
            long width) {
        launcher.kernel(hits.of(type, width));
        launcher.value(factor);
        arguments.read(x, type);
        arguments.read(labels, DType.INT32);
        arguments.write(partial, DType.INT32);
        arguments.write(sum, DType.FLOAT64);
        launcher.address(finished.address());
        launcher.value(rows);
        launcher.value(width);
    }

    void attention(
            DType type,
            Operand q,
            Operand k,
            Operand v,
            Operand chosen,
            Operand added,
            long maskBatch,
            long maskHead,
            long maskQuery,
            long maskKey,
            long seed,
            long stream,
            long counter,
            RandomAdvance advance,
            int threshold,
            double dropScale,
            double scale,
            int causal,
            int heads,
            int perBatch,
            int shared,
            int queries,
            int keys,
            int keySize,
            int valueSize,
            AttentionStrides strides,
            Operand y,
            Operand statistics) {
        launcher.kernel(attention.of(type));
        arguments.read(q, type);
        arguments.read(k, type);
        arguments.read(v, type);
        arguments.readOrNone(chosen, DType.BOOL);
        arguments.readOrNone(added, type);
        launcher.value(maskBatch);
        launcher.value(maskHead);
        launcher.value(maskQuery);
        launcher.value(maskKey);
        launcher.value(seed);
        launcher.value(stream);
        launcher.value(counter);
        launcher.address(advance.address());
        launcher.value(threshold);
        launcher.value(dropScale);
        launcher.value(scale);
        launcher.value(causal);
        launcher.value(heads);
        launcher.value(perBatch);
        launcher.value(shared);
        launcher.value(queries);
        launcher.value(keys);
        launcher.value(keySize);
        launcher.value(valueSize);
        strides.passTo(launcher);
        arguments.write(y, type);
        arguments.write(statistics, type.accumulator());
    }

    void attentionBackwardQueries(
            DType type,
            Operand q,
            Operand k,
            Operand v,
            Operand chosen,
            Operand added,
            long maskBatch,
            long maskHead,
            long maskQuery,
            long maskKey,
            long seed,
            long stream,
            long counter,
            RandomAdvance advance,
            int threshold,
            double dropScale,
            double scale,
            int causal,
            int heads,
            int perBatch,
            int shared,
            int queries,
            int keys,
            int keySize,
            int valueSize,
            AttentionStrides strides,
            Operand y,
            Operand statistics,
            Operand dy,
            Operand dq) {
        launcher.kernel(attentionBackwardQueries.of(type));
        arguments.read(q, type);
        arguments.read(k, type);
        arguments.read(v, type);
        arguments.readOrNone(chosen, DType.BOOL);
        arguments.readOrNone(added, type);
        launcher.value(maskBatch);
        launcher.value(maskHead);
        launcher.value(maskQuery);
        launcher.value(maskKey);
        launcher.value(seed);
        launcher.value(stream);
        launcher.value(counter);
        launcher.address(advance.address());
        launcher.value(threshold);
        launcher.value(dropScale);
        launcher.value(scale);
        launcher.value(causal);
        launcher.value(heads);
        launcher.value(perBatch);
        launcher.value(shared);
        launcher.value(queries);
        launcher.value(keys);
        launcher.value(keySize);
        launcher.value(valueSize);
        strides.passTo(launcher);
        arguments.read(y, type);
        arguments.read(statistics, type.accumulator());
        arguments.read(dy, type);
        arguments.write(dq, type);
    }

    void attentionBackwardKeys(
            DType type,
            Operand q,
            Operand k,
            Operand v,
            Operand chosen,
            Operand added,
            long maskBatch,
            long maskHead,
            long maskQuery,
            long maskKey,
            long seed,
            long stream,
            long counter,
            RandomAdvance advance,
            int threshold,
            double dropScale,
            double scale,
            int causal,
            int heads,
            int perBatch,
            int shared,
            int queries,
            int keys,
            int keySize,
            int valueSize,
            AttentionStrides strides,
            Operand y,
            Operand statistics,
            Operand dy,
            Operand dk,
            Operand dv) {
        launcher.kernel(attentionBackwardKeys.of(type));
        arguments.read(q, type);
        arguments.read(k, type);
        arguments.read(v, type);
        arguments.readOrNone(chosen, DType.BOOL);
        arguments.readOrNone(added, type);
        launcher.value(maskBatch);
        launcher.value(maskHead);
        launcher.value(maskQuery);
        launcher.value(maskKey);
        launcher.value(seed);
        launcher.value(stream);
        launcher.value(counter);
        launcher.address(advance.address());
        launcher.value(threshold);
        launcher.value(dropScale);
        launcher.value(scale);
        launcher.value(causal);
        launcher.value(heads);
        launcher.value(perBatch);
        launcher.value(shared);
        launcher.value(queries);
        launcher.value(keys);
        launcher.value(keySize);
        launcher.value(valueSize);
        strides.passTo(launcher);
        arguments.read(y, type);
        arguments.read(statistics, type.accumulator());
        arguments.read(dy, type);
        arguments.write(dk, type);
        arguments.write(dv, type);
    }

    void batchNormStatistics(
            DType type,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand partial,
            FinishedBlocks finished,
            Operand mean,
            Operand variance,
            Operand scale,
            Operand shift,
            long rows,
            long channels,
            int parts) {
        launcher.kernel(batchNormStatistics.of(type));
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.read(gamma, type);
        arguments.read(beta, type);
        arguments.write(partial, type.accumulator());
        launcher.address(finished.address());
        arguments.write(mean, type.accumulator());
        arguments.write(variance, type.accumulator());
        arguments.write(scale, type.accumulator());
        arguments.write(shift, type.accumulator());
        launcher.value(rows);
        launcher.value(channels);
        launcher.value(parts);
    }

    void batchNormApply(
            DType type,
            Operand x,
            Operand mean,
            Operand scale,
            Operand shift,
            Operand addend,
            Activation activation,
            int rounded,
            Operand y,
            Operand gate,
            long rows,
            long channels,
            double kept,
            double shareOfMean,
            double shareOfVariance,
            Operand variance,
            Operand runningMean,
            Operand runningVariance) {
        launcher.kernel(batchNormApply.of(type));
        arguments.read(x, type);
        arguments.read(mean, type.accumulator());
        arguments.read(scale, type.accumulator());
        arguments.read(shift, type.accumulator());
        arguments.readOrNone(addend, type);
        launcher.value(activation.ordinal());
        launcher.value(rounded);
        arguments.write(y, type);
        arguments.writeOrNone(gate, DType.UINT8);
        launcher.value(rows);
        launcher.value(channels);
        launcher.value(kept);
        launcher.value(shareOfMean);
        launcher.value(shareOfVariance);
        arguments.readOrNone(variance, type.accumulator());
        arguments.writeOrNone(runningMean, type.accumulator());
        arguments.writeOrNone(runningVariance, type.accumulator());
    }

    void batchNormBackwardSums(
            DType type,
            double epsilon,
            Operand x,
            Operand mean,
            Operand variance,
            Activation activation,
            Operand y,
            Operand gate,
            Operand dy,
            Operand daddend,
            Operand partial,
            FinishedBlocks finished,
            Operand dgamma,
            Operand dbeta,
            Operand sums,
            long rows,
            long channels,
            int parts) {
        launcher.kernel(batchNormBackwardSums.of(type));
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.read(mean, type.accumulator());
        arguments.read(variance, type.accumulator());
        launcher.value(activation.ordinal());
        arguments.readOrNone(y, type);
        arguments.readOrNone(gate, DType.UINT8);
        arguments.read(dy, type);
        arguments.writeOrNone(daddend, type);
        arguments.write(partial, type.accumulator());
        launcher.address(finished.address());
        arguments.write(dgamma, type);
        arguments.write(dbeta, type);
        arguments.write(sums, type.accumulator());
        launcher.value(rows);
        launcher.value(channels);
        launcher.value(parts);
    }

    void batchNormBackwardApply(
            DType type,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Activation activation,
            Operand y,
            Operand gate,
            Operand dy,
            Operand sums,
            Operand dx,
            long rows,
            long channels) {
        launcher.kernel(batchNormBackwardApply.of(type));
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.read(gamma, type);
        arguments.read(mean, type.accumulator());
        arguments.read(variance, type.accumulator());
        launcher.value(activation.ordinal());
        arguments.readOrNone(y, type);
        arguments.readOrNone(gate, DType.UINT8);
        arguments.read(dy, type);
        arguments.read(sums, type.accumulator());
        arguments.write(dx, type);
        launcher.value(rows);
        launcher.value(channels);
    }

    void batchNormStatisticsMixed(
            DType type,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand partial,
            FinishedBlocks finished,
            Operand mean,
            Operand variance,
            Operand scale,
            Operand shift,
            long rows,
            long channels,
            int parts) {
        launcher.kernel(batchNormStatisticsMixed.of(type));
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.read(gamma, type.accumulator());
        arguments.read(beta, type.accumulator());
        arguments.write(partial, type.accumulator());
        launcher.address(finished.address());
        arguments.write(mean, type.accumulator());
        arguments.write(variance, type.accumulator());
        arguments.write(scale, type.accumulator());
        arguments.write(shift, type.accumulator());
        launcher.value(rows);
        launcher.value(channels);
        launcher.value(parts);
    }

    void batchNormSumsMixed(
            DType type,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand sums,
            Operand squares,
            Operand partial,
            FinishedBlocks finished,
            Operand mean,
            Operand variance,
            Operand scale,
            Operand shift,
            long rows,
            long channels,
            int parts) {
        launcher.kernel(batchNormSumsMixed.of(type));
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.read(gamma, type.accumulator());
        arguments.read(beta, type.accumulator());
        arguments.read(sums, type.accumulator());
        arguments.read(squares, type.accumulator());
        arguments.write(partial, type.accumulator());
        launcher.address(finished.address());
        arguments.write(mean, type.accumulator());
        arguments.write(variance, type.accumulator());
        arguments.write(scale, type.accumulator());
        arguments.write(shift, type.accumulator());
        launcher.value(rows);
        launcher.value(channels);
        launcher.value(parts);
    }

    void batchNormBackwardSumsMixed(
            DType type,
            double epsilon,
            Operand x,
            Operand mean,
            Operand variance,
            Activation activation,
            Operand y,
            Operand gate,
            Operand dy,
            Operand daddend,
            Operand partial,
            FinishedBlocks finished,
            Operand dgamma,
            Operand dbeta,
            Operand sums,
            long rows,
            long channels,
            int parts) {
        launcher.kernel(batchNormBackwardSumsMixed.of(type));
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.read(mean, type.accumulator());
        arguments.read(variance, type.accumulator());
        launcher.value(activation.ordinal());
        arguments.readOrNone(y, type);
        arguments.readOrNone(gate, DType.UINT8);
        arguments.read(dy, type);
        arguments.writeOrNone(daddend, type);
        arguments.write(partial, type.accumulator());
        launcher.address(finished.address());
        arguments.write(dgamma, type.accumulator());
        arguments.write(dbeta, type.accumulator());
        arguments.write(sums, type.accumulator());
        launcher.value(rows);
        launcher.value(channels);
        launcher.value(parts);
    }

    void batchNormBackwardOfSumsMixed(
            DType type,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand mean,
            Operand variance,
            Operand dy,
            Operand given,
            Operand products,
            Operand partial,
            FinishedBlocks finished,
            Operand dgamma,
            Operand dbeta,
            Operand sums,
            long rows,
            long channels,
            int parts) {
        launcher.kernel(batchNormBackwardOfSumsMixed.of(type));
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.read(gamma, type.accumulator());
        arguments.readOrNone(beta, type.accumulator());
        arguments.read(mean, type.accumulator());
        arguments.read(variance, type.accumulator());
        arguments.read(dy, type);
        arguments.read(given, type.accumulator());
        arguments.read(products, type.accumulator());
        arguments.write(partial, type.accumulator());
        launcher.address(finished.address());
        arguments.write(dgamma, type.accumulator());
        arguments.write(dbeta, type.accumulator());
        arguments.write(sums, type.accumulator());
        launcher.value(rows);
        launcher.value(channels);
        launcher.value(parts);
    }

    void batchNormBackwardApplyMixed(
            DType type,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Activation activation,
            Operand y,
            Operand gate,
            Operand dy,
            Operand sums,
            Operand dx,
            long rows,
            long channels) {
        launcher.kernel(batchNormBackwardApplyMixed.of(type));
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.read(gamma, type.accumulator());
        arguments.read(mean, type.accumulator());
        arguments.read(variance, type.accumulator());
        launcher.value(activation.ordinal());
        arguments.readOrNone(y, type);
        arguments.readOrNone(gate, DType.UINT8);
        arguments.read(dy, type);
        arguments.read(sums, type.accumulator());
        arguments.write(dx, type);
        launcher.value(rows);
        launcher.value(channels);
    }

    void batchNormMoveStatistics(
            DType type,
            double kept,
            double shareOfMean,
            double shareOfVariance,
            Operand mean,
            Operand variance,
            Operand runningMean,
            Operand runningVariance,
            long channels) {
        launcher.kernel(batchNormMoveStatistics.of(type));
        launcher.value(kept);
        launcher.value(shareOfMean);
        launcher.value(shareOfVariance);
        arguments.read(mean, type);
        arguments.read(variance, type);
        arguments.write(runningMean, type);
        arguments.write(runningVariance, type);
        launcher.value(channels);
    }

    void batchNormBackwardWhole(
            DType type,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Activation activation,
            Operand y,
            Operand gate,
            Operand dy,
            Operand daddend,
            Operand dx,
            Operand partial,
            FinishedBlocks finished,
            Operand dgamma,
            Operand dbeta,
            Operand sums,
            long rows,
            long channels,
            int inShared) {
        launcher.kernel(batchNormBackwardWhole.of(type));
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.read(gamma, DType.FLOAT32);
        arguments.read(mean, DType.FLOAT32);
        arguments.read(variance, DType.FLOAT32);
        launcher.value(activation.ordinal());
        arguments.readOrNone(y, type);
        arguments.readOrNone(gate, DType.UINT8);
        arguments.read(dy, type);
        arguments.writeOrNone(daddend, type);
        arguments.write(dx, type);
        arguments.write(partial, DType.FLOAT32);
        launcher.address(finished.address());
        arguments.write(dgamma, DType.FLOAT32);
        arguments.write(dbeta, DType.FLOAT32);
        arguments.write(sums, DType.FLOAT32);
        launcher.value(rows);
        launcher.value(channels);
        launcher.value(inShared);
    }

    void bias(DType type, Operand b, Operand addend, Activation activation, Operand y, long rows, long columns) {
        launcher.kernel(bias.of(type));
        arguments.readOrNone(b, type);
        arguments.readOrNone(addend, type);
        launcher.value(activation.ordinal());
        arguments.write(y, type);
        launcher.value(rows);
        launcher.value(columns);
    }

    void biasThen(DType type, Operand b, Operand x, Operand other, Operand z, Operand y, long rows, long columns) {
        launcher.kernel(biasThen.of(type));
        arguments.read(b, type);
        arguments.read(x, type);
        arguments.readOrNone(other, type);
        arguments.write(z, type);
        arguments.write(y, type);
        launcher.value(rows);
        launcher.value(columns);
    }

    void biasBackward(
            DType type,
            Activation activation,
            Operand y,
            Operand dy,
            Operand dz,
            Operand partial,
            Operand dbias,
            FinishedBlocks finished,
            long rows,
            long columns,
            int parts) {
        launcher.kernel(biasBackward.of(type));
        launcher.value(activation.ordinal());
        arguments.read(y, type);
        arguments.read(dy, type);
        arguments.write(dz, type);
        arguments.write(partial, type.accumulator());
        arguments.write(dbias, type);
        launcher.address(finished.address());
        launcher.value(rows);
        launcher.value(columns);
        launcher.value(parts);
    }

    void binary(DType type, BinaryOp op, Operand a, Operand b, Operand y, long n) {
        launcher.kernel(binary.of(type));
        launcher.value(op.ordinal());
        arguments.read(a, type);
        arguments.read(b, type);
        arguments.write(y, type);
        launcher.value(n);
    }

    void binaryStrided(DType type, BinaryOp op, Operand a, Operand b, Operand y, OffsetCalculator axes, long n) {
        launcher.kernel(binaryStrided.of(type));
        launcher.value(op.ordinal());
        arguments.read(a, type);
        arguments.read(b, type);
        arguments.write(y, type);
        axes.passTo(launcher);
        launcher.value(n);
    }

    void copy(DType from, DType to, Operand x, Operand y, long n) {
        launcher.kernel(copy.of(from, to));
        arguments.read(x, from);
        arguments.write(y, to);
        launcher.value(n);
    }

    void copyStrided(DType from, DType to, Operand x, Operand y, OffsetCalculator axes, long n) {
        launcher.kernel(copyStrided.of(from, to));
        arguments.read(x, from);
        arguments.write(y, to);
        axes.passTo(launcher);
        launcher.value(n);
    }

    void compare(DType type, Comparison op, Operand a, Operand b, Operand y, long n) {
        launcher.kernel(compare.of(type));
        launcher.value(op.ordinal());
        arguments.read(a, type);
        arguments.read(b, type);
        arguments.write(y, DType.BOOL);
        launcher.value(n);
    }

    void compareStrided(DType type, Comparison op, Operand a, Operand b, Operand y, OffsetCalculator axes, long n) {
        launcher.kernel(compareStrided.of(type));
        launcher.value(op.ordinal());
        arguments.read(a, type);
        arguments.read(b, type);
        arguments.write(y, DType.BOOL);
        axes.passTo(launcher);
        launcher.value(n);
    }

    void conv2d(
            DType type,
            Operand x,
            Operand w,
            Operand y,
            int images,
            int channels,
            int height,
            int width,
            int outputs,
            int kernelH,
            int kernelW,
            int outputH,
            int outputW,
            int strideH,
            int strideW,
            int paddingH,
            int paddingW,
            int dilationH,
            int dilationW,
            int groups) {
        launcher.kernel(conv2d.of(type));
        arguments.read(x, type);
        arguments.read(w, type);
        arguments.write(y, type);
        launcher.integers(16);
        launcher.field(images);
        launcher.field(channels);
        launcher.field(height);
        launcher.field(width);
        launcher.field(outputs);
        launcher.field(kernelH);
        launcher.field(kernelW);
        launcher.field(outputH);
        launcher.field(outputW);
        launcher.field(strideH);
        launcher.field(strideW);
        launcher.field(paddingH);
        launcher.field(paddingW);
        launcher.field(dilationH);
        launcher.field(dilationW);
        launcher.field(groups);
    }

    void conv2dBackwardData(
            DType type,
            Operand dy,
            Operand w,
            Operand dx,
            int images,
            int channels,
            int height,
            int width,
            int outputs,
            int kernelH,
            int kernelW,
            int outputH,
            int outputW,
            int strideH,
            int strideW,
            int paddingH,
            int paddingW,
            int dilationH,
            int dilationW,
            int groups) {
        launcher.kernel(conv2dBackwardData.of(type));
        arguments.read(dy, type);
        arguments.read(w, type);
        arguments.write(dx, type);
        launcher.integers(16);
        launcher.field(images);
        launcher.field(channels);
        launcher.field(height);
        launcher.field(width);
        launcher.field(outputs);
        launcher.field(kernelH);
        launcher.field(kernelW);
        launcher.field(outputH);
        launcher.field(outputW);
        launcher.field(strideH);
        launcher.field(strideW);
        launcher.field(paddingH);
        launcher.field(paddingW);
        launcher.field(dilationH);
        launcher.field(dilationW);
        launcher.field(groups);
    }

    void conv2dBackwardFilter(
            DType type,
            Operand x,
            Operand dy,
            Operand dw,
            int images,
            int channels,
            int height,
            int width,
            int outputs,
            int kernelH,
            int kernelW,
            int outputH,
            int outputW,
            int strideH,
            int strideW,
            int paddingH,
            int paddingW,
            int dilationH,
            int dilationW,
            int groups) {
        launcher.kernel(conv2dBackwardFilter.of(type));
        arguments.read(x, type);
        arguments.read(dy, type);
        arguments.write(dw, type);
        launcher.integers(16);
        launcher.field(images);
        launcher.field(channels);
        launcher.field(height);
        launcher.field(width);
        launcher.field(outputs);
        launcher.field(kernelH);
        launcher.field(kernelW);
        launcher.field(outputH);
        launcher.field(outputW);
        launcher.field(strideH);
        launcher.field(strideW);
        launcher.field(paddingH);
        launcher.field(paddingW);
        launcher.field(dilationH);
        launcher.field(dilationW);
        launcher.field(groups);
    }

    void copyBatch(CopyBatch batch) {
        launcher.kernel(copyBatch);
        batch.passTo(launcher);
    }

    void convertBatch(DType type, CopyBatch batch) {
        launcher.kernel(convertBatch.of(type));
        batch.passTo(launcher);
    }

    void crossEntropy(
            DType type,
            double smoothing,
            Operand logits,
            Operand labels,
            Operand losses,
            long rows,
            long classes,
            IndexFaults fault) {
        launcher.kernel(crossEntropy.of(type, classes));
        launcher.value(smoothing);
        arguments.read(logits, type);
        arguments.read(labels, DType.INT32);
        arguments.write(losses, type.accumulator());
        launcher.value(rows);
        launcher.value(classes);
        launcher.address(fault.address());
    }

    void crossEntropyBackward(
            DType type,
            double smoothing,
            Operand logits,
            Operand labels,
            Operand dlosses,
            Operand dlogits,
            long rows,
            long classes,
            IndexFaults fault) {
        launcher.kernel(crossEntropyBackward.of(type, classes));
        launcher.value(smoothing);
        arguments.read(logits, type);
        arguments.read(labels, DType.INT32);
        arguments.read(dlosses, type.accumulator());
        arguments.write(dlogits, type);
        launcher.value(rows);
        launcher.value(classes);
        launcher.address(fault.address());
    }

    void meanCrossEntropy(
            DType type,
            double smoothing,
            Operand logits,
            Operand labels,
            Operand losses,
            Operand loss,
            FinishedBlocks finished,
            long rows,
            long classes,
            IndexFaults fault) {
        launcher.kernel(meanCrossEntropy.of(type, classes));
        launcher.value(smoothing);
        arguments.read(logits, type);
        arguments.read(labels, DType.INT32);
        arguments.write(losses, type.accumulator());
        arguments.write(loss, type.accumulator());
        launcher.address(finished.address());
        launcher.value(rows);
        launcher.value(classes);
        launcher.address(fault.address());
    }

    void meanCrossEntropyBackward(
            DType type,
            double smoothing,
            Operand logits,
            Operand labels,
            Operand dloss,
            Operand dlogits,
            long rows,
            long classes,
            IndexFaults fault) {
        launcher.kernel(meanCrossEntropyBackward.of(type, classes));
        launcher.value(smoothing);
        arguments.read(logits, type);
        arguments.read(labels, DType.INT32);
        arguments.read(dloss, type.accumulator());
        arguments.write(dlogits, type);
        launcher.value(rows);
        launcher.value(classes);
        launcher.address(fault.address());
    }

    void ctc(
            DType type,
            int blank,
            Operand logs,
            Operand labels,
            Operand inputLengths,
            Operand labelLengths,
            Operand scratch,
            Operand losses,
            long n,
            int times,
            int classes,
            int most,
            IndexFaults fault) {
        launcher.kernel(ctc.of(type));
        launcher.value(blank);
        arguments.read(logs, type);
        arguments.read(labels, DType.INT32);
        arguments.read(inputLengths, DType.INT32);
        arguments.read(labelLengths, DType.INT32);
        arguments.write(scratch, DType.FLOAT64);
        arguments.write(losses, type);
        launcher.value(n);
        launcher.value(times);
        launcher.value(classes);
        launcher.value(most);
        launcher.address(fault.address());
    }

    void ctcBackward(
            DType type,
            int blank,
            Operand logs,
            Operand labels,
            Operand inputLengths,
            Operand labelLengths,
            Operand scratch,
            Operand dLosses,
            Operand dLogs,
            long n,
            int times,
            int classes,
            int most,
            IndexFaults fault) {
        launcher.kernel(ctcBackward.of(type));
        launcher.value(blank);
        arguments.read(logs, type);
        arguments.read(labels, DType.INT32);
        arguments.read(inputLengths, DType.INT32);
        arguments.read(labelLengths, DType.INT32);
        arguments.write(scratch, DType.FLOAT64);
        arguments.read(dLosses, type);
        arguments.write(dLogs, type);
        launcher.value(n);
        launcher.value(times);
        launcher.value(classes);
        launcher.value(most);
        launcher.address(fault.address());
    }

    void dropout(
            DType type,
            long seed,
            long stream,
            long counter,
            RandomAdvance advance,
            int threshold,
            double scale,
            Operand x,
            Operand y,
            long n) {
        launcher.kernel(dropout.of(type));
        launcher.value(seed);
        launcher.value(stream);
        launcher.value(counter);
        launcher.address(advance.address());
        launcher.value(threshold);
        launcher.value(scale);
        arguments.read(x, type);
        arguments.write(y, type);
        launcher.value(n);
    }

    void fill(DType type, double value, Operand y, long n) {
        launcher.kernel(fill.of(type));
        launcher.value(value);
        arguments.write(y, type);
        launcher.value(n);
    }

    void fillStrided(DType type, double value, Operand y, OffsetCalculator axes, long n) {
        launcher.kernel(fillStrided.of(type));
        launcher.value(value);
        arguments.write(y, type);
        axes.passTo(launcher);
        launcher.value(n);
    }

    void gather(
            DType type,
            Operand x,
            Operand indices,
            Operand y,
            OffsetCalculator axes,
            int axis,
            int size,
            long xStride,
            long n,
            IndexFaults fault) {
        launcher.kernel(gather.of(type));
        arguments.read(x, type);
        arguments.read(indices, DType.INT32);
        arguments.write(y, type);
        axes.passTo(launcher);
        launcher.value(axis);
        launcher.value(size);
        launcher.value(xStride);
        launcher.value(n);
        launcher.address(fault.address());
    }

    void gatherImages(
            DType type,
            Operand x,
            Operand statistics,
            Operand moves,
            Operand y,
            int height,
            int width,
            int channels,
            int reflects,
            int n) {
        launcher.kernel(gatherImages.of(type));
        arguments.read(x, DType.UINT8);
        arguments.read(statistics, DType.FLOAT32);
        arguments.read(moves, DType.INT32);
        arguments.write(y, type);
        launcher.value(height);
        launcher.value(width);
        launcher.value(channels);
        launcher.value(reflects);
        launcher.value(n);
    }

    void geluBackward(DType type, Operand dy, Operand x, Operand dx, long n) {
        launcher.kernel(geluBackward.of(type));
        arguments.read(dy, type);
        arguments.read(x, type);
        arguments.write(dx, type);
        launcher.value(n);
    }

    void geluBackwardBias(
            DType type,
            Operand dy,
            Operand x,
            Operand dx,
            Operand partial,
            Operand dbias,
            FinishedBlocks finished,
            long rows,
            long columns,
            int parts) {
        launcher.kernel(geluBackwardBias.of(type));
        arguments.read(dy, type);
        arguments.read(x, type);
        arguments.write(dx, type);
        arguments.write(partial, type.accumulator());
        arguments.write(dbias, type);
        launcher.address(finished.address());
        launcher.value(rows);
        launcher.value(columns);
        launcher.value(parts);
    }

    void gruCell(
            DType type,
            Operand ofInput,
            Operand ofHidden,
            Operand hidden,
            Operand next,
            Operand gates,
            long n,
            long width) {
        launcher.kernel(gruCell.of(type));
        arguments.read(ofInput, type);
        arguments.read(ofHidden, type);
        arguments.read(hidden, type);
        arguments.write(next, type);
        arguments.write(gates, type);
        launcher.value(n);
        launcher.value(width);
    }

    void gruCellBackward(
            DType type,
            Operand hidden,
            Operand gates,
            Operand dNext,
            Operand dOfInput,
            Operand dOfHidden,
            Operand dHidden,
            long n,
            long width) {
        launcher.kernel(gruCellBackward.of(type));
        arguments.read(hidden, type);
        arguments.read(gates, type);
        arguments.read(dNext, type);
        arguments.write(dOfInput, type);
        arguments.write(dOfHidden, type);
        arguments.write(dHidden, type);
        launcher.value(n);
        launcher.value(width);
    }

    void lstmCell(
            DType type,
            Operand ofInput,
            Operand ofHidden,
            Operand cell,
            Operand hidden,
            Operand next,
            Operand gates,
            long n,
            long width) {
        launcher.kernel(lstmCell.of(type));
        arguments.read(ofInput, type);
        arguments.read(ofHidden, type);
        arguments.read(cell, type);
        arguments.write(hidden, type);
        arguments.write(next, type);
        arguments.write(gates, type);
        launcher.value(n);
        launcher.value(width);
    }

    void lstmCellBackward(
            DType type,
            Operand cell,
            Operand next,
            Operand gates,
            Operand dHidden,
            Operand dNext,
            Operand dSums,
            Operand dCell,
            long n,
            long width) {
        launcher.kernel(lstmCellBackward.of(type));
        arguments.read(cell, type);
        arguments.read(next, type);
        arguments.read(gates, type);
        arguments.read(dHidden, type);
        arguments.readOrNone(dNext, type);
        arguments.write(dSums, type);
        arguments.write(dCell, type);
        launcher.value(n);
        launcher.value(width);
    }

    void normalizePixels(
            DType type,
            Operand x,
            Operand statistics,
            Operand rows,
            Operand columns,
            Operand y,
            int height,
            int pitch,
            int channels,
            int n) {
        launcher.kernel(normalizePixels.of(type));
        arguments.read(x, DType.UINT8);
        arguments.read(statistics, DType.FLOAT32);
        arguments.readOrNone(rows, DType.UINT8);
        arguments.readOrNone(columns, DType.UINT8);
        arguments.write(y, type);
        launcher.value(height);
        launcher.value(pitch);
        launcher.value(channels);
        launcher.value(n);
    }

    void oneHot(
            DType type,
            Operand indices,
            Operand y,
            long rows,
            int classes,
            long rowStride,
            long columnStride,
            IndexFaults fault) {
        launcher.kernel(oneHot.of(type));
        arguments.read(indices, DType.INT32);
        arguments.write(y, type);
        launcher.value(rows);
        launcher.value(classes);
        launcher.value(rowStride);
        launcher.value(columnStride);
        launcher.address(fault.address());
    }

    void maxPool(
            DType type,
            Operand x,
            Operand y,
            int images,
            int channels,
            int height,
            int width,
            int outputH,
            int outputW,
            int kernelH,
            int kernelW,
            int strideH,
            int strideW,
            int paddingH,
            int paddingW,
            int dilationH,
            int dilationW,
            int beginH,
            int beginW,
            int endH,
            int endW,
            int even) {
        launcher.kernel(maxPool.of(type));
        arguments.read(x, type);
        arguments.write(y, type);
        launcher.integers(19);
        launcher.field(images);
        launcher.field(channels);
        launcher.field(height);
        launcher.field(width);
        launcher.field(outputH);
        launcher.field(outputW);
        launcher.field(kernelH);
        launcher.field(kernelW);
        launcher.field(strideH);
        launcher.field(strideW);
        launcher.field(paddingH);
        launcher.field(paddingW);
        launcher.field(dilationH);
        launcher.field(dilationW);
        launcher.field(beginH);
        launcher.field(beginW);
        launcher.field(endH);
        launcher.field(endW);
        launcher.field(even);
    }

    void maxPoolBackward(
            DType type,
            Operand x,
            Operand y,
            Operand dy,
            Operand dx,
            int images,
            int channels,
            int height,
            int width,
            int outputH,
            int outputW,
            int kernelH,
            int kernelW,
            int strideH,
            int strideW,
            int paddingH,
            int paddingW,
            int dilationH,
            int dilationW,
            int beginH,
            int beginW,
            int endH,
            int endW,
            int even) {
        launcher.kernel(maxPoolBackward.of(type));
        arguments.read(x, type);
        arguments.read(y, type);
        arguments.read(dy, type);
        arguments.write(dx, type);
        launcher.integers(19);
        launcher.field(images);
        launcher.field(channels);
        launcher.field(height);
        launcher.field(width);
        launcher.field(outputH);
        launcher.field(outputW);
        launcher.field(kernelH);
        launcher.field(kernelW);
        launcher.field(strideH);
        launcher.field(strideW);
        launcher.field(paddingH);
        launcher.field(paddingW);
        launcher.field(dilationH);
        launcher.field(dilationW);
        launcher.field(beginH);
        launcher.field(beginW);
        launcher.field(endH);
        launcher.field(endW);
        launcher.field(even);
    }

    void maxPoolBiasBackward(
            DType type,
            Activation activation,
            Operand x,
            Operand y,
            Operand dy,
            Operand dz,
            Operand partial,
            Operand dbias,
            FinishedBlocks finished,
            int images,
            int channels,
            int height,
            int width,
            int outputH,
            int outputW,
            int kernelH,
            int kernelW,
            int strideH,
            int strideW,
            int paddingH,
            int paddingW,
            int dilationH,
            int dilationW,
            int beginH,
            int beginW,
            int endH,
            int endW,
            int even,
            int parts) {
        launcher.kernel(maxPoolBiasBackward.of(type));
        launcher.value(activation.ordinal());
        arguments.read(x, type);
        arguments.read(y, type);
        arguments.read(dy, type);
        arguments.write(dz, type);
        arguments.write(partial, type.accumulator());
        arguments.write(dbias, type);
        launcher.address(finished.address());
        launcher.integers(19);
        launcher.field(images);
        launcher.field(channels);
        launcher.field(height);
        launcher.field(width);
        launcher.field(outputH);
        launcher.field(outputW);
        launcher.field(kernelH);
        launcher.field(kernelW);
        launcher.field(strideH);
        launcher.field(strideW);
        launcher.field(paddingH);
        launcher.field(paddingW);
        launcher.field(dilationH);
        launcher.field(dilationW);
        launcher.field(beginH);
        launcher.field(beginW);
        launcher.field(endH);
        launcher.field(endW);
        launcher.field(even);
        launcher.value(parts);
    }

    void maxPoolGather(
            DType type,
            Operand x,
            Operand y,
            Operand source,
            Operand picked,
            int images,
            int channels,
            int height,
            int width,
            int outputH,
            int outputW,
            int kernelH,
            int kernelW,
            int strideH,
            int strideW,
            int paddingH,
            int paddingW,
            int dilationH,
            int dilationW,
            int beginH,
            int beginW,
            int endH,
            int endW,
            int even) {
        launcher.kernel(maxPoolGather.of(type));
        arguments.read(x, type);
        arguments.read(y, type);
        arguments.read(source, type);
        arguments.write(picked, type);
        launcher.integers(19);
        launcher.field(images);
        launcher.field(channels);
        launcher.field(height);
        launcher.field(width);
        launcher.field(outputH);
        launcher.field(outputW);
        launcher.field(kernelH);
        launcher.field(kernelW);
        launcher.field(strideH);
        launcher.field(strideW);
        launcher.field(paddingH);
        launcher.field(paddingW);
        launcher.field(dilationH);
        launcher.field(dilationW);
        launcher.field(beginH);
        launcher.field(beginW);
        launcher.field(endH);
        launcher.field(endW);
        launcher.field(even);
    }

    void averagePool(
            DType type,
            Operand x,
            Operand y,
            int images,
            int channels,
            int height,
            int width,
            int outputH,
            int outputW,
            int kernelH,
            int kernelW,
            int strideH,
            int strideW,
            int paddingH,
            int paddingW,
            int dilationH,
            int dilationW,
            int beginH,
            int beginW,
            int endH,
            int endW,
            int even) {
        launcher.kernel(averagePool.of(type));
        arguments.read(x, type);
        arguments.write(y, type);
        launcher.integers(19);
        launcher.field(images);
        launcher.field(channels);
        launcher.field(height);
        launcher.field(width);
        launcher.field(outputH);
        launcher.field(outputW);
        launcher.field(kernelH);
        launcher.field(kernelW);
        launcher.field(strideH);
        launcher.field(strideW);
        launcher.field(paddingH);
        launcher.field(paddingW);
        launcher.field(dilationH);
        launcher.field(dilationW);
        launcher.field(beginH);
        launcher.field(beginW);
        launcher.field(endH);
        launcher.field(endW);
        launcher.field(even);
    }

    void averagePoolBackward(
            DType type,
            Operand dy,
            Operand dx,
            int images,
            int channels,
            int height,
            int width,
            int outputH,
            int outputW,
            int kernelH,
            int kernelW,
            int strideH,
            int strideW,
            int paddingH,
            int paddingW,
            int dilationH,
            int dilationW,
            int beginH,
            int beginW,
            int endH,
            int endW,
            int even) {
        launcher.kernel(averagePoolBackward.of(type));
        arguments.read(dy, type);
        arguments.write(dx, type);
        launcher.integers(19);
        launcher.field(images);
        launcher.field(channels);
        launcher.field(height);
        launcher.field(width);
        launcher.field(outputH);
        launcher.field(outputW);
        launcher.field(kernelH);
        launcher.field(kernelW);
        launcher.field(strideH);
        launcher.field(strideW);
        launcher.field(paddingH);
        launcher.field(paddingW);
        launcher.field(dilationH);
        launcher.field(dilationW);
        launcher.field(beginH);
        launcher.field(beginW);
        launcher.field(endH);
        launcher.field(endW);
        launcher.field(even);
    }

    void uniform(DType type, long seed, long stream, long counter, RandomAdvance advance, Operand y, long n) {
        launcher.kernel(uniform.of(type));
        launcher.value(seed);
        launcher.value(stream);
        launcher.value(counter);
        launcher.address(advance.address());
        arguments.write(y, type);
        launcher.value(n);
    }

    void normal(DType type, long seed, long stream, long counter, RandomAdvance advance, Operand y, long n) {
        launcher.kernel(normal.of(type));
        launcher.value(seed);
        launcher.value(stream);
        launcher.value(counter);
        launcher.address(advance.address());
        arguments.write(y, type);
        launcher.value(n);
    }

    void reduce(DType type, ReduceOp op, Operand x, Operand y, long count, long width) {
        launcher.kernel(reduce.of(type, width));
        launcher.value(op.ordinal());
        arguments.read(x, type);
        arguments.write(y, type);
        launcher.value(count);
        launcher.value(width);
    }

    void reduceSplit(DType type, ReduceOp op, Operand x, Operand partial, long count, long width, int parts) {
        launcher.kernel(reduceSplit.of(type));
        launcher.value(op.ordinal());
        arguments.read(x, type);
        arguments.write(partial, type.accumulator());
        launcher.value(count);
        launcher.value(width);
        launcher.value(parts);
    }

    void reduceJoin(
            DType type,
            ReduceOp op,
            Operand x,
            Operand partial,
            Operand y,
            long results,
            int parts,
            long count,
            long inner) {
        launcher.kernel(reduceJoin.of(type));
        launcher.value(op.ordinal());
        arguments.read(x, type);
        arguments.read(partial, type.accumulator());
        arguments.write(y, type);
        launcher.value(results);
        launcher.value(parts);
        launcher.value(count);
        launcher.value(inner);
    }

    void reduceColumns(DType type, ReduceOp op, Operand x, Operand y, long outer, long reduced, long inner) {
        launcher.kernel(reduceColumns.of(type));
        launcher.value(op.ordinal());
        arguments.read(x, type);
        arguments.write(y, type);
        launcher.value(outer);
        launcher.value(reduced);
        launcher.value(inner);
    }

    void reduceColumnsSplit(
            DType type, ReduceOp op, Operand x, Operand partial, long outer, long reduced, long inner, int parts) {
        launcher.kernel(reduceColumnsSplit.of(type));
        launcher.value(op.ordinal());
        arguments.read(x, type);
        arguments.write(partial, type.accumulator());
        launcher.value(outer);
        launcher.value(reduced);
        launcher.value(inner);
        launcher.value(parts);
    }

    void reduceStrided(
            DType type,
            ReduceOp op,
            Operand x,
            Operand y,
            OffsetCalculator kept,
            OffsetCalculator reduced,
            long results,
            long count) {
        launcher.kernel(reduceStrided.of(type));
        launcher.value(op.ordinal());
        arguments.read(x, type);
        arguments.write(y, type);
        kept.passTo(launcher);
        reduced.passTo(launcher);
        launcher.value(results);
        launcher.value(count);
    }

    void sumInteger(
            DType type,
            Operand x,
            Operand y,
            OffsetCalculator kept,
            OffsetCalculator reduced,
            long results,
            long width) {
        launcher.kernel(sumInteger.of(type, width));
        arguments.read(x, type);
        arguments.write(y, DType.INT64);
        kept.passTo(launcher);
        reduced.passTo(launcher);
        launcher.value(results);
        launcher.value(width);
    }

    void extremeInteger(
            DType type,
            ReduceOp op,
            Operand x,
            Operand y,
            OffsetCalculator kept,
            OffsetCalculator reduced,
            long results,
            long width) {
        launcher.kernel(extremeInteger.of(type, width));
        launcher.value(op.ordinal());
        arguments.read(x, type);
        arguments.write(y, type);
        kept.passTo(launcher);
        reduced.passTo(launcher);
        launcher.value(results);
        launcher.value(width);
    }

    void rowNorm(
            DType type,
            int centred,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand y,
            long rows,
            long width) {
        launcher.kernel(rowNorm.of(type, width));
        launcher.value(centred);
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.readOrNone(gamma, type);
        arguments.readOrNone(beta, type);
        arguments.write(y, type);
        launcher.value(rows);
        launcher.value(width);
    }

    void rowNormBackward(
            DType type,
            int centred,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand dy,
            Operand addend,
            Operand dx,
            Operand statistics,
            long rows,
            long width) {
        launcher.kernel(rowNormBackward.of(type, width));
        launcher.value(centred);
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.readOrNone(gamma, type);
        arguments.read(dy, type);
        arguments.readOrNone(addend, type);
        arguments.write(dx, type);
        arguments.writeOrNone(statistics, type.accumulator());
        launcher.value(rows);
        launcher.value(width);
    }

    void rowNormBackwardSums(
            DType type,
            int centred,
            Operand x,
            Operand dy,
            Operand statistics,
            Operand partial,
            long rows,
            long width,
            int parts) {
        launcher.kernel(rowNormBackwardSums.of(type));
        launcher.value(centred);
        arguments.read(x, type);
        arguments.read(dy, type);
        arguments.read(statistics, type.accumulator());
        arguments.write(partial, type.accumulator());
        launcher.value(rows);
        launcher.value(width);
        launcher.value(parts);
    }

    void rowNormBackwardFinish(DType type, Operand partial, Operand dgamma, Operand dbeta, long width, int parts) {
        launcher.kernel(rowNormBackwardFinish.of(type));
        arguments.read(partial, type.accumulator());
        arguments.write(dgamma, type);
        arguments.writeOrNone(dbeta, type);
        launcher.value(width);
        launcher.value(parts);
    }

    void rowNormMixed(
            DType type,
            int centred,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand y,
            long rows,
            long width) {
        launcher.kernel(rowNormMixed.of(type, width));
        launcher.value(centred);
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.read(gamma, type.accumulator());
        arguments.readOrNone(beta, type.accumulator());
        arguments.write(y, type);
        launcher.value(rows);
        launcher.value(width);
    }

    void rowNormBackwardMixed(
            DType type,
            int centred,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand dy,
            Operand addend,
            Operand dx,
            Operand statistics,
            long rows,
            long width) {
        launcher.kernel(rowNormBackwardMixed.of(type, width));
        launcher.value(centred);
        launcher.value(epsilon);
        arguments.read(x, type);
        arguments.read(gamma, type.accumulator());
        arguments.read(dy, type);
        arguments.readOrNone(addend, type);
        arguments.write(dx, type);
        arguments.write(statistics, type.accumulator());
        launcher.value(rows);
        launcher.value(width);
    }

    void rowNormBackwardFinishMixed(DType type, Operand partial, Operand dgamma, Operand dbeta, long width, int parts) {
        launcher.kernel(rowNormBackwardFinishMixed.of(type));
        arguments.read(partial, type.accumulator());
        arguments.write(dgamma, type.accumulator());
        arguments.writeOrNone(dbeta, type.accumulator());
        launcher.value(width);
        launcher.value(parts);
    }

    void scanSum(
            DType type,
            Operand x,
            Operand y,
            OffsetCalculator lines,
            long count,
            int size,
            long xStride,
            long yStride) {
        launcher.kernel(scanSum.of(type));
        arguments.read(x, type);
        arguments.write(y, type);
        lines.passTo(launcher);
        launcher.value(count);
        launcher.value(size);
        launcher.value(xStride);
        launcher.value(yStride);
    }

    void scanRecurrence(
            DType type,
            Operand a,
            Operand x,
            Operand y,
            OffsetCalculator lines,
            long count,
            int size,
            long aStride,
            long xStride,
            long yStride) {
        launcher.kernel(scanRecurrence.of(type));
        arguments.read(a, type);
        arguments.read(x, type);
        arguments.write(y, type);
        lines.passTo(launcher);
        launcher.value(count);
        launcher.value(size);
        launcher.value(aStride);
        launcher.value(xStride);
        launcher.value(yStride);
    }

    void scatterAddSort(Operand indices, Operand keys, int size, int count, IndexFaults fault) {
        launcher.kernel(scatterAddSort);
        arguments.read(indices, DType.INT32);
        arguments.write(keys, DType.INT64);
        launcher.value(size);
        launcher.value(count);
        launcher.address(fault.address());
    }

    void scatterAddMerge(Operand keys, Operand merged, long width, int count) {
        launcher.kernel(scatterAddMerge);
        arguments.read(keys, DType.INT64);
        arguments.write(merged, DType.INT64);
        launcher.value(width);
        launcher.value(count);
    }

    void scatterAdd(
            DType type,
            Operand x,
            Operand keys,
            Operand y,
            Operand partial,
            OffsetCalculator others,
            int size,
            int count,
            long xStride,
            long yStride,
            long columns) {
        launcher.kernel(scatterAdd.of(type));
        arguments.read(x, type);
        arguments.read(keys, DType.INT64);
        arguments.write(y, type.accumulator());
        arguments.write(partial, type.accumulator());
        others.passTo(launcher);
        launcher.value(size);
        launcher.value(count);
        launcher.value(xStride);
        launcher.value(yStride);
        launcher.value(columns);
    }

    void scatterAddJoin(
            DType type,
            Operand keys,
            Operand partial,
            Operand y,
            OffsetCalculator others,
            int size,
            int count,
            long yStride,
            long columns) {
        launcher.kernel(scatterAddJoin.of(type));
        arguments.read(keys, DType.INT64);
        arguments.read(partial, type.accumulator());
        arguments.write(y, type.accumulator());
        others.passTo(launcher);
        launcher.value(size);
        launcher.value(count);
        launcher.value(yStride);
        launcher.value(columns);
    }

    void sgd(
            DType type,
            double rate,
            double momentum,
            double decay,
            int nesterov,
            Operand numbers,
            Operand value,
            Operand gradient,
            Operand velocity,
            long n) {
        launcher.kernel(sgd.of(type));
        launcher.value(rate);
        launcher.value(momentum);
        launcher.value(decay);
        launcher.value(nesterov);
        arguments.readOrNone(numbers, DType.FLOAT64);
        arguments.write(value, type);
        arguments.read(gradient, type);
        arguments.writeOrNone(velocity, type.accumulator());
        launcher.value(n);
    }

    void sgdParts(
            DType type,
            double rate,
            double momentum,
            double decay,
            int nesterov,
            Operand numbers,
            Operand value,
            Operand gradient,
            Operand velocity,
            GradientParts parts,
            Operand copy) {
        launcher.kernel(sgdParts.of(type));
        launcher.value(rate);
        launcher.value(momentum);
        launcher.value(decay);
        launcher.value(nesterov);
        arguments.readOrNone(numbers, DType.FLOAT64);
        arguments.write(value, DType.FLOAT32);
        arguments.read(gradient, DType.FLOAT32);
        arguments.writeOrNone(velocity, DType.FLOAT32);
        parts.passTo(launcher);
        arguments.writeOrNone(copy, type);
    }

    void softmax(DType type, Operand x, Operand y, long rows, long width) {
        launcher.kernel(softmax.of(type, width));
        arguments.read(x, type);
        arguments.write(y, type);
        launcher.value(rows);
        launcher.value(width);
    }

    void logSoftmax(DType type, Operand x, Operand y, long rows, long width) {
        launcher.kernel(logSoftmax.of(type, width));
        arguments.read(x, type);
        arguments.write(y, type);
        launcher.value(rows);
        launcher.value(width);
    }

    void transpose(
            DType type,
            Operand x,
            Operand y,
            int rows,
            int columns,
            long batch,
            long xBatch,
            long xRow,
            long yBatch,
            long yRow) {
        launcher.kernel(transpose.of(type));
        arguments.read(x, type);
        arguments.write(y, type);
        launcher.value(rows);
        launcher.value(columns);
        launcher.value(batch);
        launcher.value(xBatch);
        launcher.value(xRow);
        launcher.value(yBatch);
        launcher.value(yRow);
    }

    void unary(DType type, UnaryOp op, double p, Operand x, Operand y, long n) {
        launcher.kernel(unary.of(type));
        launcher.value(op.ordinal());
        launcher.value(p);
        arguments.read(x, type);
        arguments.write(y, type);
        launcher.value(n);
    }

    void unaryStrided(DType type, UnaryOp op, double p, Operand x, Operand y, OffsetCalculator axes, long n) {
        launcher.kernel(unaryStrided.of(type));
        launcher.value(op.ordinal());
        launcher.value(p);
        arguments.read(x, type);
        arguments.write(y, type);
        axes.passTo(launcher);
        launcher.value(n);
    }

    void unscale(
            Operand gradients,
            Operand state,
            Operand factor,
            Operand choices,
            Operand numbers,
            int rows,
            int count,
            double growth,
            double backoff,
            double smallest,
            double largest,
            int growthSteps,
            FinishedBlocks finished,
            long n) {
        launcher.kernel(unscale);
        arguments.write(gradients, DType.FLOAT32);
        arguments.write(state, DType.FLOAT64);
        arguments.write(factor, DType.FLOAT32);
        arguments.readOrNone(choices, DType.FLOAT64);
        arguments.writeOrNone(numbers, DType.FLOAT64);
        launcher.value(rows);
        launcher.value(count);
        launcher.value(growth);
        launcher.value(backoff);
        launcher.value(smallest);
        launcher.value(largest);
        launcher.value(growthSteps);
        launcher.address(finished.address());
        launcher.value(n);
    }

    void update(
            DType type,
            UpdateRule rule,
            double rate,
            double gradientRate,
            double beta1,
            double beta2,
            double correction,
            double epsilon,
            double decay,
            double shrink,
            Operand numbers,
            Operand value,
            Operand gradient,
            Operand first,
            Operand second,
            Operand third,
            long n) {
        launcher.kernel(update.of(type));
        launcher.value(rule.ordinal());
        launcher.value(rate);
        launcher.value(gradientRate);
        launcher.value(beta1);
        launcher.value(beta2);
        launcher.value(correction);
        launcher.value(epsilon);
        launcher.value(decay);
        launcher.value(shrink);
        arguments.readOrNone(numbers, DType.FLOAT64);
        arguments.write(value, type);
        arguments.read(gradient, type);
        arguments.write(first, type.accumulator());
        arguments.writeOrNone(second, type.accumulator());
        arguments.writeOrNone(third, type.accumulator());
        launcher.value(n);
    }

    void setReplay(RandomAdvance advance, long counters, Operand numbers, ReplayNumbers set) {
        launcher.kernel(setReplay);
        launcher.address(advance.address());
        launcher.value(counters);
        arguments.writeOrNone(numbers, DType.FLOAT64);
        set.passTo(launcher);
    }

    void where(DType type, Operand condition, Operand a, Operand b, Operand y, long n) {
        launcher.kernel(where.of(type));
        arguments.read(condition, DType.BOOL);
        arguments.read(a, type);
        arguments.read(b, type);
        arguments.write(y, type);
        launcher.value(n);
    }

    void whereStrided(DType type, Operand condition, Operand a, Operand b, Operand y, OffsetCalculator axes, long n) {
        launcher.kernel(whereStrided.of(type));
        arguments.read(condition, DType.BOOL);
        arguments.read(a, type);
        arguments.read(b, type);
        arguments.write(y, type);
        axes.passTo(launcher);
        launcher.value(n);
    }
}
