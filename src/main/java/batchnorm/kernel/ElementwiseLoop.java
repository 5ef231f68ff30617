package batchnorm.kernel;

import batchnorm.tensor.ChannelLayout;
import java.util.Arrays;

/// Computes the outputs of an array element by element, in parts that may run on any thread.
///
/// For short planes, parameters are spread over the columns of a row. Several short rows are
/// processed together, so that vectors fill.
final class ElementwiseLoop {
    /// The innermost loops, for one type of array. Each returns whether its outputs are all finite.
    interface Loops {
        /// Computes adjacent runs of outputs of equal length, one per channel, wrapping from the
        /// last channel to the first. If vectors do not divide a run, the last vector overlaps the
        /// one before. That is cheaper than a mask. It is read first, as the output may be the
        /// input.
        boolean along(int from, int runs, int length, int channel);

        /// Computes adjacent outputs; the parameters of the first are at `column`.
        boolean across(int from, int to, int column);
    }

    /// The number of elements that justify a handover between threads.
    private static final int ELEMENTS = 1 << 15;

    /// Shorter rows are repeated up to this length.
    private static final int COLUMNS = 256;

    private final ChannelLayout layout;
    private final boolean isColumnar;
    private final int period;

    ElementwiseLoop(ChannelLayout layout) {
        this.layout = layout;
        this.isColumnar = layout.inner() == 1 || Blocks.areColumns(layout) && layout.outer() >= 8;
        int rows = Math.ceilDiv(COLUMNS, Math.max(1, layout.stride()));
        this.period = Math.min(rows, layout.outer()) * layout.stride();
    }

    /// Computes all outputs.
    ///
    /// @return whether all are finite
    boolean run(WorkerPool cores, Loops loops) {
        int parts = Math.ceilDiv(layout.elements(), ELEMENTS);
        return cores.allBackwards(
                parts,
                index -> {
                    int from = index * ELEMENTS;
                    int to = from + Math.min(ELEMENTS, layout.elements() - from);
                    return isColumnar ? across(loops, from, to) : along(loops, from, to);
                });
    }

    private boolean along(Loops loops, int from, int to) {
        int inner = layout.inner();
        int channel = from / inner % layout.channels();
        int first = Math.min((inner - from % inner) % inner, to - from);
        boolean finite = first == 0 || loops.along(from, 1, first, channel);
        int start = from + first;
        int planes = (to - start) / inner;
        finite &=
                planes == 0 || loops.along(start, planes, inner, start / inner % layout.channels());
        int last = start + planes * inner;
        return (last == to || loops.along(last, 1, to - last, last / inner % layout.channels()))
                && finite;
    }

    /// Computes the outputs of the channels `[first, end)` on the caller's thread, for long planes.
    boolean run(Loops loops, int first, int end) {
        boolean finite = true;
        for (int plane = 0; plane < layout.outer(); plane++) {
            int from = (plane * layout.channels() + first) * layout.inner();
            finite &= loops.along(from, end - first, layout.inner(), first);
        }
        return finite;
    }

    private boolean across(Loops loops, int from, int to) {
        boolean finite = true;
        int column = from % period;
        int end = from;
        for (int at = from; at < to; at = end) {
            end += Math.min(period - column, to - end);
            finite &= loops.across(at, end, column);
            column = 0;
        }
        return finite;
    }

    /// Lays parameters out as [Loops] expect them.
    double[] spread(double[] parameters) {
        if (!isColumnar || period <= layout.channels()) {
            return parameters;
        }
        double[] columns = new double[period];
        int inner = layout.inner();
        for (int channel = 0; channel < layout.channels(); channel++) {
            Arrays.fill(columns, channel * inner, (channel + 1) * inner, parameters[channel]);
        }
        for (int at = layout.stride(); at < period; at += layout.stride()) {
            System.arraycopy(columns, 0, columns, at, layout.stride());
        }
        return columns;
    }

    float[] spread(float[] parameters) {
        if (!isColumnar || period <= layout.channels()) {
            return parameters;
        }
        float[] columns = new float[period];
        int inner = layout.inner();
        for (int channel = 0; channel < layout.channels(); channel++) {
            Arrays.fill(columns, channel * inner, (channel + 1) * inner, parameters[channel]);
        }
        for (int at = layout.stride(); at < period; at += layout.stride()) {
            System.arraycopy(columns, 0, columns, at, layout.stride());
        }
        return columns;
    }
}
