package org.alborz.cuda.dnn;

import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionForwardAlgorithm_v7;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;

/**
 * Asks cuDNN's heuristics which algorithms it would take, the best first; those it cannot run, and those that do not give
 * the same bits each time, are left out. Of what cuDNN says of each, the arithmetic is not looked at, since JCudnn does not fill it in for two
 * of the three passes, nor the scratch memory, which is that arithmetic's.
 */
final class Algorithms {
    private static final int MOST = 16;

    private Algorithms() {}

    static List<Integer> forward(
            Dnn dnn,
            cudnnTensorDescriptor x,
            cudnnFilterDescriptor w,
            cudnnConvolutionDescriptor convolution,
            cudnnTensorDescriptor y) {
        cudnnConvolutionFwdAlgoPerf[] found = new cudnnConvolutionFwdAlgoPerf[MOST];
        Arrays.setAll(found, i -> new cudnnConvolutionFwdAlgoPerf());
        int[] count = {0};
        int status = cudnnGetConvolutionForwardAlgorithm_v7(dnn.handle(), x, w, convolution, y, MOST, count, found);
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < offered(status, "cudnnGetConvolutionForwardAlgorithm_v7", count); i++) {
            add(numbers, found[i].status, found[i].algo, found[i].determinism);
        }
        return numbers;
    }

    static List<Integer> backwardData(
            Dnn dnn,
            cudnnFilterDescriptor w,
            cudnnTensorDescriptor dy,
            cudnnConvolutionDescriptor convolution,
            cudnnTensorDescriptor dx) {
        cudnnConvolutionBwdDataAlgoPerf[] found = new cudnnConvolutionBwdDataAlgoPerf[MOST];
        Arrays.setAll(found, i -> new cudnnConvolutionBwdDataAlgoPerf());
        int[] count = {0};
        int status =
                cudnnGetConvolutionBackwardDataAlgorithm_v7(dnn.handle(), w, dy, convolution, dx, MOST, count, found);
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < offered(status, "cudnnGetConvolutionBackwardDataAlgorithm_v7", count); i++) {
            add(numbers, found[i].status, found[i].algo, found[i].determinism);
        }
        return numbers;
    }

    static List<Integer> backwardFilter(
            Dnn dnn,
            cudnnTensorDescriptor x,
            cudnnTensorDescriptor dy,
            cudnnConvolutionDescriptor convolution,
            cudnnFilterDescriptor dw) {
        cudnnConvolutionBwdFilterAlgoPerf[] found = new cudnnConvolutionBwdFilterAlgoPerf[MOST];
        Arrays.setAll(found, i -> new cudnnConvolutionBwdFilterAlgoPerf());
        int[] count = {0};
        int status =
                cudnnGetConvolutionBackwardFilterAlgorithm_v7(dnn.handle(), x, dy, convolution, dw, MOST, count, found);
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < offered(status, "cudnnGetConvolutionBackwardFilterAlgorithm_v7", count); i++) {
            add(numbers, found[i].status, found[i].algo, found[i].determinism);
        }
        return numbers;
    }

    /** Returns how many algorithms were found; a convolution that cuDNN does not support at all has none. */
    private static int offered(int status, String call, int[] count) {
        if (Dnn.isNotSupported(status)) {
            return 0;
        }
        Dnn.check(status, call);
        return count[0];
    }

    /** Adds an algorithm once, and only where it gives the same bits each time. */
    private static void add(List<Integer> numbers, int status, int number, int determinism) {
        if (status == 0 && determinism == cudnnDeterminism.CUDNN_DETERMINISTIC && !numbers.contains(number)) {
            numbers.add(number);
        }
    }
}
