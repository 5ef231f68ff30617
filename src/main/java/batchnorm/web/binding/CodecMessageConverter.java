package batchnorm.web.binding;

import batchnorm.admission.RequestLimits;
import batchnorm.checkpoint.fold.FoldedModel;
import batchnorm.codec.Codec;
import batchnorm.codec.FileFormat;
import batchnorm.codec.Message;
import batchnorm.tensor.Tensor;
import batchnorm.web.api.ApiAnswer;
import batchnorm.web.api.ArchivedAnswer;
import batchnorm.web.api.FoldModelAnswer;
import batchnorm.web.telemetry.ServiceMetrics;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.util.FastByteArrayOutputStream;
import org.springframework.util.function.SingletonSupplier;

/// Converts requests and responses through the codec of the negotiated media type, without a tree
/// between bytes and arrays.
public final class CodecMessageConverter implements HttpMessageConverter<Object> {
    private static final int STREAMED_ELEMENTS = 4096;

    /// Buffer of a long response: each write is a chunk and a system call.
    private static final int STREAM_BUFFER = 1 << 16;

    /// Buffer of a response that fits into it: one system call then sends it with its headers.
    private static final int WHOLE_BUFFER = 1 << 17;

    private static final List<MediaType> MEDIA_TYPES =
            Stream.concat(
                            Stream.of(Format.values()).map(Format::type),
                            Stream.of(MediaType.valueOf(Format.MERGE_PATCH)))
                    .toList();

    private final RequestLimits limits;
    private final Supplier<ServiceMetrics> metrics;

    /// @param metrics created only after Spring MVC is configured
    public CodecMessageConverter(RequestLimits limits, ObjectProvider<ServiceMetrics> metrics) {
        this.limits = limits;
        this.metrics = SingletonSupplier.of(metrics::getObject);
    }

    @Override
    public boolean canRead(Class<?> type, @Nullable MediaType mediaType) {
        return RequestReader.reads(type);
    }

    @Override
    public boolean canWrite(Class<?> type, @Nullable MediaType mediaType) {
        return ApiAnswer.class.isAssignableFrom(type)
                || type == CheckpointDownload.class
                || type == FoldedModel.class;
    }

    @Override
    public List<MediaType> getSupportedMediaTypes() {
        return MEDIA_TYPES;
    }

    @Override
    public Object read(Class<? extends Object> type, HttpInputMessage input) throws IOException {
        return new RequestReader(RequestState.current(), limits).read(input.getBody(), type);
    }

    @Override
    public void write(Object result, @Nullable MediaType mediaType, HttpOutputMessage output)
            throws IOException {
        RequestState state = RequestState.current();
        Format format = state.negotiation().answerFormat();
        output.getHeaders().setContentType(format.type());
        output.getHeaders().set(HttpHeaders.VARY, HttpHeaders.ACCEPT);
        if (result instanceof FoldedModel model) {
            try (model) {
                if (format != Format.JSON) {
                    writeFile(model, state, output);
                    return;
                }
            }
        }
        Message message = message(result, format, output.getHeaders()).in(state.form());
        HttpServletResponse response = ((ServletServerHttpResponse) output).getServletResponse();
        Codec codec =
                format.codec()
                        .orElseGet(() -> TensorHeaders.describe(message.firstTensor(), response));
        OptionalLong length = codec.length(message);
        boolean isLong = message.longest() > STREAMED_ELEMENTS;
        boolean isStream = length.isEmpty() && isLong;
        state.timing().computed(state.request(), response, isStream);
        if (length.isPresent() || isStream) {
            length.ifPresent(output.getHeaders()::setContentLength);
            if (isLong) {
                response.setBufferSize(
                        length.orElse(WHOLE_BUFFER) < WHOLE_BUFFER ? WHOLE_BUFFER : STREAM_BUFFER);
            }
            codec.encode(message, output.getBody());
            state.timing().encoded(response);
        } else {
            writeWhole(codec, message, state, output, response);
        }
        metrics.get().succeeded(state.endpoint().slug(), state.timing(), state.elements());
        state.spent().forEach(Tensor::free);
    }

    /// Writes a folded model, whose elements are copied from files.
    private void writeFile(FoldedModel model, RequestState state, HttpOutputMessage output)
            throws IOException {
        String extension = model.format() == FileFormat.ONNX ? ".onnx" : ".safetensors";
        output.getHeaders()
                .setContentDisposition(
                        ContentDisposition.attachment().filename("folded" + extension).build());
        output.getHeaders().setContentLength(model.length());
        HttpServletResponse response = ((ServletServerHttpResponse) output).getServletResponse();
        response.setBufferSize(STREAM_BUFFER);
        state.timing().computed(state.request(), response, false);
        model.writeTo(output.getBody());
        state.timing().encoded(response);
        metrics.get().succeeded(state.endpoint().slug(), state.timing(), state.elements());
    }

    /// Writes a short response with its length. Spring's flush would otherwise prevent the length.
    private static void writeWhole(
            Codec codec,
            Message message,
            RequestState state,
            HttpOutputMessage output,
            HttpServletResponse response)
            throws IOException {
        FastByteArrayOutputStream body = new FastByteArrayOutputStream();
        codec.encode(message, body);
        state.timing().encoded(response);
        output.getHeaders().setContentLength(body.size());
        body.writeTo(output.getBody());
    }

    private static Message message(Object result, Format format, HttpHeaders headers) {
        if (result instanceof CheckpointDownload download) {
            headers.setContentDisposition(
                    ContentDisposition.attachment()
                            .filename(download.name() + format.extension())
                            .build());
            return download.export()
                    .contents(
                            format == Format.SAFETENSORS ? FileFormat.SAFETENSORS : FileFormat.NPZ);
        }
        if (result instanceof FoldedModel model) {
            FoldModelAnswer report = FoldModelAnswer.of(model.report());
            return RecordBinding.of(FoldModelAnswer.class).write(report);
        }
        return result instanceof ArchivedAnswer answer && format == Format.NPZ
                ? answer.archive()
                : RecordBinding.of(result.getClass()).write(result);
    }
}
