// A function of the Kubeless dialect (isohost.config.json says so): an event and a context, and the returned value is the answer.
//   curl localhost:8080/greet -d '{"name":"Ada"}' -H 'content-type: application/json'
module.exports = {
  greet(event, context) {
    const { name = 'stranger' } = event.data;
    return { greeting: `Hello ${name}`, from: context['function-name'] };
  },
};
