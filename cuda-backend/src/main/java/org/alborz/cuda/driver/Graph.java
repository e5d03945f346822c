package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;

/** Work of a stream that was captured once and can be done again by one call. */
public final class Graph implements AutoCloseable {
    private final Stream stream;
    private final CUgraphExec executable = new CUgraphExec();

    private Graph(Stream stream, CUgraph graph) {
        this.stream = stream;
        Driver.check(cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiateWithFlags");
    }

    /**
     * Captures what the given code puts on the stream; nothing of it is done yet.
     *
     * @throws CudaException when the code does what cannot be captured, such as waiting for the device
     */
    public static Graph capture(Stream stream, Runnable work) {
        CUgraph graph = new CUgraph();
        stream.beginCapture();
        try {
            work.run();
            stream.settle();
        } catch (RuntimeException | Error e) {
            stream.dropDelayed();
            if (stream.endCapture(graph) == 0) {
                cuGraphDestroy(graph);
            }
            throw e;
        }
        Driver.check(stream.endCapture(graph), "cuStreamEndCapture");
        try {
            return new Graph(stream, graph);
        } finally {
            Driver.check(cuGraphDestroy(graph), "cuGraphDestroy");
        }
    }

    /** Does the captured work, after what the stream holds already. */
    public void launch() {
        stream.settle();
        stream.context().makeCurrent();
        Driver.check(cuGraphLaunch(executable, stream.handle()), "cuGraphLaunch");
        stream.tell(WorkKind.GRAPH, "graph", 0, 0);
    }

    @Override
    public void close() {
        stream.context().makeCurrentToClose();
        Driver.check(cuGraphExecDestroy(executable), "cuGraphExecDestroy");
    }
}
