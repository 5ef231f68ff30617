# The five-step story in R (packages httr, jsonlite): Rscript story.R [http://127.0.0.1:8080]
library(httr)
library(jsonlite)

arguments <- commandArgs(trailingOnly = TRUE)
layers <- paste0(if (length(arguments) > 0) arguments[1] else "http://127.0.0.1:8080", "/api/v1/layers")
key <- Sys.getenv("BATCHNORM_KEY")

call <- function(method, path = "", body = NULL) {
  headers <- c("Content-Type" = "application/json")
  if (nzchar(key)) headers["Authorization"] <- paste("Bearer", key)
  content <- if (is.null(body)) NULL else toJSON(body, auto_unbox = TRUE, digits = NA)
  answer <- VERB(method, paste0(layers, path), add_headers(.headers = headers), body = content)
  text <- content(answer, "text", encoding = "UTF-8")
  if (http_error(answer)) stop(text)
  if (length(text) == 1 && nzchar(text)) fromJSON(text) else NULL
}

show <- function(step, name, values) {
  # A matrix is stored by columns in R, and shown by rows here.
  flat <- if (is.matrix(values)) as.vector(t(values)) else values
  cat(paste0(step, ": ", name, " ", paste(sprintf("%.9f", flat), collapse = " "), "\n"))
}

x <- rbind(c(1, 2), c(3, 4), c(5, 6))
layer <- call("POST", body = list(name = "story-r", convention = "pytorch", features = 2))
cat(paste0("1 create: features ", layer$features, "\n"))

step <- call("POST", "/story-r/forward-train", list(input = x))
show("2 forward-train", "output", step$output)
show("2 forward-train", "running_mean", step$running_mean)
show("2 forward-train", "running_var", step$running_var)

dy <- rbind(c(0.1, 0.2), c(0.3, 0.4), c(0.5, 0.6))
grads <- call("POST", "/story-r/backward", list(context_id = step$context_id, grad_output = dy))
show("3 backward", "grad_gamma", grads$grad_gamma)
show("3 backward", "grad_beta", grads$grad_beta)

layer <- call("PATCH", "/story-r", list(
  gamma = layer$gamma - 0.1 * grads$grad_gamma,
  beta = layer$beta - 0.1 * grads$grad_beta
))
show("4 update", "gamma", layer$gamma)
show("4 update", "beta", layer$beta)

show("5 forward-infer", "output", call("POST", "/story-r/forward-infer", list(input = x))$output)
invisible(call("DELETE", "/story-r"))
